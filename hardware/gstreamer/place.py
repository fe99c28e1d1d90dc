"""Where a stream is: an address, taken apart so that its password is nowhere but at the source."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from edge_app.domain.error import ScannerUnavailableError

_PORTS = {"rtsp": 554, "http": 80}
_LONGEST = 2048
_ADDRESS = re.compile(r"[!#-&(-;=?-\[\]_a-z~]+")  # no space, quote, backslash or angle bracket
_LARGEST_LOGIN = 4096


@dataclass(frozen=True, slots=True)
class Login:
    """Name and password at a camera; neither is ever shown."""

    user: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a stream.

    Attributes:
        scheme: "rtsp" or "http".
        plain: The whole address without name and password.
        login: What stood before the host, if anything did.
    """

    scheme: str
    host: str = field(repr=False)
    port: int
    plain: str = field(repr=False)
    login: Login | None


def address(place: str) -> Address:
    """Return the parts of `place`.

    Raises:
        ScannerUnavailableError: It is no address of a stream; the text does not repeat it.
    """
    try:
        parts = urlsplit(place)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise _no_address() from error
    if not parts.hostname or len(place) > _LONGEST or not _ADDRESS.fullmatch(place):
        raise _no_address()
    login = None
    if parts.username is not None:
        login = Login(unquote(parts.username), unquote(parts.password or ""))
    host = parts.netloc.rpartition("@")[2]
    plain = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    return Address(parts.scheme, parts.hostname, port, plain, login)


def login_in(path: Path) -> Login:
    """Return the name and the password that stand on the first two lines of a file.

    Raises:
        ScannerUnavailableError: It cannot be read, or has other lines.
    """
    try:
        with path.open(encoding="utf-8") as file:
            lines = file.read(_LARGEST_LOGIN).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise _no_login() from error
    if len(lines) != 2 or not all(lines):
        raise _no_login()
    return Login(*lines)


def _no_login() -> ScannerUnavailableError:
    return ScannerUnavailableError(
        "The file with the name and password of the camera cannot be used.",
        "Have a technician look: the name stands on its first line, the password on its second.",
    )


def _no_address() -> ScannerUnavailableError:
    return ScannerUnavailableError(
        "This is no address of a video stream.",
        "Write rtsp://HOST:PORT/PATH or http://HOST:PORT/PATH, without spaces or quotes.",
    )
