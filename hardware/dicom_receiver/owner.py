"""To whom the received images are sealed: the store's public key, which lies in the spool.

The receiver may run while nobody is logged in, so it has the public key only. Whoever opens the
spool with the store's own key compares the two: a key that somebody put in its place is refused.
"""

from pathlib import Path

from edge_app.domain.error import ScannerUnavailableError, SwappedKeyError
from edge_app.durable import write_whole
from hardware.dicom_receiver.sealed_box import KEY_BYTES, public_of

_FILE = "sealed-to.key"
_FORM = "edge-app-sealed-box-1"


def ensure_sealed_to(folder: Path, private: bytes) -> None:
    """Return once the spool in `folder` is sealed to the store whose key that is.

    Raises:
        SwappedKeyError: It is sealed to another one.
        ScannerUnavailableError: Nobody's key was given.
        OSError: The folder cannot be used.
    """
    if len(private) != KEY_BYTES:
        what = "What was received is sealed, and nobody is logged in."
        raise ScannerUnavailableError(what, "Log in at the window and take it there.")
    public = public_of(private)
    if not (folder / _FILE).exists():
        write_whole(folder / _FILE, f"{_FORM} {public.hex()}\n".encode("ascii"))
    elif _key_in(folder) != public:
        raise SwappedKeyError(
            "Somebody put another key into the folder of received images."
            " What came since then may be readable for somebody else.",
            f"Have a technician take {_FILE} away and start the receiver again;"
            " the next log-in puts the right key there.",
        )


def public_key_in(folder: Path) -> bytes:
    """Return the key to which the receiver seals.

    Raises:
        ScannerUnavailableError: There is none yet, or it is damaged; nothing is received then.
    """
    try:
        public = _key_in(folder)
    except OSError:
        public = b""
    if len(public) != KEY_BYTES:
        what = "The receiver has no key to seal images with, so it takes none."
        raise ScannerUnavailableError(what, "Log in at the window and open the receiver once.")
    return public


def _key_in(folder: Path) -> bytes:
    form, _, written = (folder / _FILE).read_bytes()[:1024].partition(b" ")
    try:
        return bytes.fromhex(written.decode("ascii").strip()) if form == _FORM.encode() else b""
    except ValueError:
        return b""
