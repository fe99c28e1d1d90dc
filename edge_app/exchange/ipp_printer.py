"""A printer that is spoken to by IPP: a queue of CUPS, or a printer with IPP of its own."""

import hashlib
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from edge_app.domain.outbox import Problem, SendFailedError
from edge_app.exchange.ipp import Answer, Attribute, IppError, Operation, Tag, answer_of, request

PLAIN, SECURE = "ipp", "ipps"
_PORT = 631
_TIMEOUT_S = 10.0
_MOST_BYTES = 256 * 1024
_TITLE, _WHO = "Report", "edge-app"  # a printer shows and logs both: they name nobody


class JobState(IntEnum):
    """How far the printer has come with a job, RFC 8011, 5.3.7."""

    PENDING = 3
    HELD = 4
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9


@dataclass(frozen=True, slots=True)
class PrinterPeer:
    """A printer of the site.

    Attributes:
        name: What people call it.
        uri: "ipp://HOST[:PORT]/PATH", or "ipps://..." for TLS.
        fingerprint: SHA-256 of its certificate in hexadecimal digits, for TLS.
    """

    name: str
    uri: str
    fingerprint: str = ""


class IppPrinter:
    """Hands over documents; whatever goes wrong is said as a problem of the outbox."""

    def __init__(self, peer: PrinterPeer) -> None:
        self._peer = peer

    def begun(self) -> int:
        """Return the number of a new job that has no document yet.

        Raises:
            SendFailedError: The printer is not there, or takes no job.
        """
        named: list[Attribute] = [(Tag.NAME, "requesting-user-name", _WHO)]
        answer = self._asked(Operation.CREATE_JOB, [*named, (Tag.NAME, "job-name", _TITLE)])
        number = answer.attributes.get("job-id", ("",))[0]
        if not answer.is_done or not isinstance(number, int):
            raise SendFailedError(self._why())
        return number

    def hand_over(self, number: int, pdf: bytes) -> None:
        """Give the job its only document. Raises likewise."""
        about: list[Attribute] = [
            (Tag.INTEGER, "job-id", number),
            (Tag.NAME, "requesting-user-name", _WHO),
            (Tag.MIME_TYPE, "document-format", "application/pdf"),
            (Tag.BOOLEAN, "last-document", True),
        ]
        if not self._asked(Operation.SEND_DOCUMENT, about, pdf).is_done:
            raise SendFailedError(Problem.PRINTER_REFUSED)

    def state(self, number: int) -> JobState:
        """Return how far a job is; one that the printer has forgotten counts as aborted.

        Raises:
            SendFailedError: The printer is not there.
        """
        answer = self._asked(Operation.GET_JOB, [(Tag.INTEGER, "job-id", number)])
        said = answer.attributes.get("job-state", (0,))[0]
        known = answer.is_done and said in tuple(JobState)
        return JobState(int(said)) if known else JobState.ABORTED

    def cancel(self, number: int) -> None:
        """Take a job away that is not printed; one that is over stays so. Raises likewise."""
        about: list[Attribute] = [
            (Tag.INTEGER, "job-id", number),
            (Tag.NAME, "requesting-user-name", _WHO),
        ]
        self._asked(Operation.CANCEL_JOB, about)

    def waits_for(self) -> Problem:
        """Return what the printer needs before it goes on, or that it is still printing."""
        answer = self._asked(Operation.GET_PRINTER)
        reasons = [str(r) for r in answer.attributes.get("printer-state-reasons", ())]
        return _needed(reasons) if answer.is_done else Problem.PRINTER_REFUSED

    def _why(self) -> Problem:
        """Return why it takes no job."""
        waits_for = self.waits_for()
        return Problem.PRINTER_REFUSED if waits_for is Problem.PRINTING else waits_for

    def _asked(
        self, operation: Operation, attributes: Sequence[Attribute] = (), document: bytes = b""
    ) -> Answer:
        parts = urlsplit(self._peer.uri)
        body = request(operation, self._peer.uri, attributes) + document
        try:
            with _Line(self._peer, parts.hostname or "", parts.port or _PORT) as line:
                return answer_of(line.answer(parts.path or "/", body))
        except IppError as error:
            raise SendFailedError(Problem.PRINTER_REFUSED) from error
        except (OSError, HTTPException) as error:
            raise SendFailedError(Problem.PRINTER_AWAY) from error


_REASONS: Mapping[str, Problem] = {
    "media": Problem.PRINTER_NEEDS_SOMEBODY,  # media-empty, media-jam, media-needed
    "toner-empty": Problem.PRINTER_NEEDS_SOMEBODY,
    "marker-supply-empty": Problem.PRINTER_NEEDS_SOMEBODY,
    "cover": Problem.PRINTER_NEEDS_SOMEBODY,
    "door": Problem.PRINTER_NEEDS_SOMEBODY,
    "input-tray": Problem.PRINTER_NEEDS_SOMEBODY,
    "output": Problem.PRINTER_NEEDS_SOMEBODY,
    "paused": Problem.PRINTER_NEEDS_SOMEBODY,
    "stopped": Problem.PRINTER_NEEDS_SOMEBODY,
    "offline": Problem.PRINTER_AWAY,
    "connecting-to-device": Problem.PRINTER_AWAY,
    "timed-out": Problem.PRINTER_AWAY,
    "shutdown": Problem.PRINTER_AWAY,
}
"""By how a keyword of RFC 8011, 5.4.12, begins; warnings and reports hold nothing up."""


def _needed(reasons: Sequence[str]) -> Problem:
    for reason in reasons:
        if not reason.endswith(("-report", "-warning")):
            for begin, problem in _REASONS.items():
                if reason.startswith(begin):
                    return problem
    return Problem.PRINTING


class _Line:
    """One connection; with TLS only to the certificate that the site named."""

    def __init__(self, peer: PrinterPeer, host: str, port: int) -> None:
        self._pin = peer.fingerprint
        if urlsplit(peer.uri).scheme == SECURE:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.minimum_version = ssl.TLSVersion.TLSv1_2  # BCP 195
            # Printers sign their certificates themselves: the fingerprint is what is compared.
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self._wire: HTTPConnection = HTTPSConnection(
                host, port, timeout=_TIMEOUT_S, context=context
            )
        else:
            self._wire = HTTPConnection(host, port, timeout=_TIMEOUT_S)

    def __enter__(self) -> "_Line":
        self._wire.connect()
        if isinstance(self._wire.sock, ssl.SSLSocket):
            shown = self._wire.sock.getpeercert(binary_form=True) or b""
            if hashlib.sha256(shown).hexdigest() != self._pin:
                self._wire.close()
                raise SendFailedError(Problem.PRINTER_IS_ANOTHER)
        return self

    def __exit__(self, *_: object) -> None:
        self._wire.close()

    def answer(self, path: str, body: bytes) -> bytes:
        """Return what is answered; an answer of the web server alone is none of IPP."""
        self._wire.request("POST", path, body, {"Content-Type": "application/ipp"})
        response = self._wire.getresponse()
        content = response.read(_MOST_BYTES)
        if response.status != 200:
            raise IppError(f"HTTP {response.status}")
        return content
