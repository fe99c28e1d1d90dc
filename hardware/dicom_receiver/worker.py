"""`python -m hardware.dicom_receiver.worker SETTINGS HANDLE`: the storage SCP, limited in memory.

It listens nowhere: the guard hands it each connection over the socket HANDLE.
"""

import logging
import resource
import secrets
import socket
import sys
import tempfile
import threading
import warnings
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any, cast

import pynetdicom._config
import pynetdicom.dimse_messages
from pydicom.dataset import Dataset
from pydicom.uid import (
    JPEG2000,
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.dimse_primitives import C_STORE
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at import
    StorageCommitmentPushModel,
    Verification,
)
from pynetdicom.transport import AssociationServer

from edge_app.isolation.sandbox import HOLDING_A_DEVICE, enter
from hardware.dicom_receiver.calling import Caller
from hardware.dicom_receiver.keeping import Keeper
from hardware.dicom_receiver.limits import ASSOCIATIONS
from hardware.dicom_receiver.owner import public_key_in
from hardware.dicom_receiver.refusal import Announced, ObjectRefusedError, Status
from hardware.dicom_receiver.sealed_box import SealedDraft
from hardware.dicom_receiver.settings import ReceiverSettings, settings_from
from hardware.dicom_receiver.spool import Spool
from hardware.dicom_receiver.vouching import Vouching
from hardware.dicom_receiver.whole import ensure_whole
from hardware.dicom_receiver.worker_link import CALLED, NOT_CALLED

READY = b"ready"
LARGEST_MESSAGE = 64
_LOG = logging.getLogger(__name__)
_MEMORY = 2 << 30
_PDU = 128 << 10
_LINGER_S = 5  # pynetdicom keeps what it cannot parse for so long; requests come whole
_UNCOMPRESSED = [ExplicitVRLittleEndian, ImplicitVRLittleEndian]
_COMPRESSED = [
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    JPEG2000Lossless,
    JPEG2000,
    RLELossless,
]
_OLD_ULTRASOUND = ("1.2.840.10008.5.1.4.1.1.6", "1.2.840.10008.5.1.4.1.1.3")


class GuardGoneError(Exception):
    """Nobody hands over connections any more."""


class NotForTheServerError(OSError):
    """What came answers a wish of ours; the server goes on."""


class _HandedServer(AssociationServer):
    """Takes its connections from the guard instead of listening."""

    def __init__(self, control: socket.socket, *given: Any, **named: Any) -> None:  # noqa: ANN401
        self._control = control
        self._called: SimpleQueue[socket.socket | None] = SimpleQueue()
        super().__init__(*given, **named)

    def server_bind(self) -> None:
        if self.socket:
            self.socket.close()
        self.socket = self._control

    def server_activate(self) -> None:
        self._control.send(READY)

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        """Return a connection, with the peer's number in the settings where a port would be."""
        told, handles, _, _ = socket.recv_fds(self._control, LARGEST_MESSAGE, 1)
        if told == NOT_CALLED:
            self._called.put(None)
            raise NotForTheServerError
        if not handles:
            raise GuardGoneError
        connection = socket.socket(fileno=handles[0])
        if told == CALLED:
            self._called.put(connection)
            raise NotForTheServerError
        number, address = told.decode("ascii").split(" ")
        return connection, (address, int(number))

    def dial(self, number: int) -> socket.socket | None:
        """Return a connection to the peer of that number; for one thread at a time."""
        self._control.send(str(number).encode("ascii"))
        return self._called.get()


class _TemporaryFile:
    """A draft as pynetdicom writes to it: by the methods of `tempfile.NamedTemporaryFile`."""

    def __init__(self, draft: SealedDraft) -> None:
        self.name = str(draft.path)
        self.file = self
        self.write, self.close = draft.write, draft.close

    def flush(self) -> None:
        """Do nothing: a chunk is sealed when it is full."""


class Arriving:
    """The files that objects arrive in, each sealed while it is written.

    The key of one is in this process only, and goes with its draft.
    """

    def __init__(self, folder: Path, public: bytes) -> None:
        self._folder = folder
        self._public = public
        self._one = threading.Lock()
        self._drafts: dict[str, SealedDraft] = {}

    def begun(self, *_given: object, **_named: object) -> _TemporaryFile:
        """Return a new draft, in place of pynetdicom's temporary file."""
        draft = SealedDraft(self._folder / f"{secrets.token_hex(8)}.sealed", self._public)
        with self._one:
            self._drafts[str(draft.path)] = draft
        return _TemporaryFile(draft)

    def taken(self, path: Path) -> SealedDraft:
        """Return the draft of a file that came to its end, closed, and forget it."""
        with self._one:
            draft = self._drafts.pop(str(path))
        draft.close()
        return draft

    def forget_gone(self) -> None:
        """Forget drafts of connections that dropped, once their files were removed."""
        with self._one:
            self._drafts = {name: d for name, d in self._drafts.items() if d.path.exists()}

    def take_over(self) -> None:
        """Have pynetdicom write what it receives into drafts, and nowhere else."""
        tempfile.tempdir = "/nowhere"  # a pynetdicom that asks for another file gets none
        # It has no setting for where and how.
        vars(pynetdicom.dimse_messages)["NamedTemporaryFile"] = self.begun


class Reception:
    """Answers C-STORE: success only for what is in the spool for good."""

    def __init__(self, keeper: Keeper, arriving: Arriving) -> None:
        self._keeper = keeper
        self._arriving = arriving

    def stored(self, event: evt.Event) -> Dataset | int:
        """Return the status of one received object."""
        try:
            self._keep(event)
        except ObjectRefusedError as error:
            _LOG.warning("An object was refused: %s", error)
            return _said(error.status, str(error))
        except OSError as error:
            _LOG.warning("An object could not be kept: %s", error.strerror)
            return _said(Status.OUT_OF_RESOURCES, "It could not be written to the disk.")
        except MemoryError:
            _LOG.warning("An object was too large to be looked at.")
            return _said(Status.OUT_OF_RESOURCES, "It is too large to be looked at.")
        return Status.SUCCESS

    def came(self, _: evt.Event) -> None:
        """Remove what dropped connections left."""
        self._keeper.clear()
        self._arriving.forget_gone()

    def _keep(self, event: evt.Event) -> None:
        request = cast("C_STORE", event.request)
        announced = Announced(
            str(request.AffectedSOPClassUID),
            str(request.AffectedSOPInstanceUID),
            str(event.context.transfer_syntax),
        )
        draft = self._arriving.taken(Path(event.dataset_path))
        self._keeper.ensure_room(draft.path.stat().st_size)
        with draft.opened() as file:
            begin = ensure_whole(file, announced)
        self._keeper.keep(draft, begin, announced)


def _said(status: Status, words: str) -> Dataset:
    answer = Dataset()
    answer.Status = int(status)
    answer.ErrorComment = words
    return answer


def _entity(settings: ReceiverSettings) -> AE:
    entity = AE(settings.ae_title)
    entity.require_called_aet = True
    entity.require_calling_aet = sorted({peer.ae_title for peer in settings.peers})
    entity.maximum_pdu_size = _PDU
    entity.maximum_associations = 2 * ASSOCIATIONS  # the guard counts; some are ending here
    entity.network_timeout = entity.dimse_timeout = None  # the guard's, a peer
    entity.acse_timeout = _LINGER_S
    entity.add_supported_context(Verification, _UNCOMPRESSED)
    entity.add_supported_context(StorageCommitmentPushModel, _UNCOMPRESSED)
    known = (context.abstract_syntax for context in AllStoragePresentationContexts)
    images = (name for name in known if name and "Image Storage" in UID(name).name)
    for name in (*images, *_OLD_ULTRASOUND):
        entity.add_supported_context(name, _UNCOMPRESSED + _COMPRESSED)
    return entity


def _quiet() -> None:
    """Keep what a peer sends out of the log: it may name a patient."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    warnings.simplefilter("ignore")  # pydicom's quote the values
    for name in ("pydicom", "pynetdicom"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    pynetdicom._config.LOG_HANDLER_LEVEL = "none"  # noqa: SLF001  documented so


def main(settings_path: Path, handle: int) -> None:
    """Serve until the guard is gone."""
    _quiet()
    pynetdicom._config.STORE_RECV_CHUNKED_DATASET = True  # noqa: SLF001  documented so
    settings = settings_from(settings_path)
    spool = Spool(Path(settings.spool))
    keeper = Keeper(spool, round(settings.spool_gib * (1 << 30)))
    keeper.clear(older_than_s=0)
    arriving = Arriving(spool.arriving, public_key_in(spool.folder))
    arriving.take_over()
    reception, caller = Reception(keeper, arriving), Caller(settings)
    entity = _entity(settings)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    enter(HOLDING_A_DEVICE)
    server = _HandedServer(
        socket.socket(fileno=handle),
        entity,
        ("127.0.0.1", 0),
        settings.ae_title,
        entity.supported_contexts,
        evt_handlers=[
            (evt.EVT_C_STORE, reception.stored),
            (evt.EVT_CONN_OPEN, reception.came),
            *Vouching(keeper, caller.take).handlers(),
        ],
    )
    caller.start(server.dial)
    with suppress(GuardGoneError):
        server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
