"""This machine's TPM 2: it seals a secret so that no other one opens it again.

The programs of tpm2-tools do the talking. What is secret reaches them through memory that has no
name, and comes back through a pipe; never on a command line and never in a file.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from edge_app.domain.error import EdgeAppError

_LONGEST_S = 30.0
_KIND = ("-G", "ecc256:aes128cfb", "-g", "sha256")
_STORAGE = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt"
_SEALED = "fixedtpm|fixedparent|userwithauth"  # without noda: wrong values lock the TPM
_SAID = re.compile(rb"^ERROR: .*\(0x([0-9A-Fa-f]+)\)", re.MULTILINE)
_LOCKED_OUT = 0x921
_ABOUT_WHAT_WAS_GIVEN = 0x80  # TPM 2.0 part 2, 6.6.2: a value, an object or its authorization
_NUMBERS = re.compile(rb"^TPM2_PT_(\w+): 0x([0-9A-Fa-f]+)", re.MULTILINE)


class TpmRefusedError(EdgeAppError):
    """The TPM does not give the secret: it is missing, was cleared, or is another one."""

    code = "KEY-007"
    safe = "The studies are on the disk, encrypted; nothing was changed."


class TpmLockedOutError(TpmRefusedError):
    """The TPM was given too many wrong values, and takes no right one for a while."""

    code = "KEY-008"


class SealedByTpm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A secret that one TPM opens: its public part, and the one that the TPM encrypted."""

    public: bytes
    private: bytes


class Lockout(msgspec.Struct, frozen=True):
    """How a TPM limits guesses.

    Attributes:
        most: Wrong values after which it locks itself.
        wrong: Wrong values that it remembers now.
        forgives_s: Seconds after which it forgets one of them; 0 where it limits nothing.
    """

    most: int
    wrong: int
    forgives_s: int


class Tpm:
    """The TPM behind one TCTI, as tpm2-tools names it: `device:/dev/tpmrm0`."""

    def __init__(self, tcti: str) -> None:
        self._tcti = tcti

    def sealed(self, secret: bytes, auth: bytes) -> SealedByTpm:
        """Return `secret` (at most 128 bytes) sealed; only with `auth` is it opened again.

        Raises:
            TpmRefusedError: It does not do that.
        """
        with self._primary() as (folder, primary), ExitStack() as shown:
            public, private = folder / "public", folder / "private"
            given, value = (shown.enter_context(_unnamed(it)) for it in (secret, auth))
            self._asked(
                "tpm2_create", "-Q", "-C", str(primary), "-a", _SEALED,
                "-i", f"/dev/fd/{given}", "-p", f"file:/dev/fd/{value}",
                "-u", str(public), "-r", str(private), shown=(given, value),
            )  # fmt: skip
            return SealedByTpm(public.read_bytes(), private.read_bytes())

    def opened(self, sealed: SealedByTpm, auth: bytes) -> bytes:
        """Return what was sealed. A wrong `auth` counts, in the TPM, for every program.

        Raises:
            TpmLockedOutError: There were too many wrong values.
            TpmRefusedError: It was sealed by another one, or before this one was cleared; or it
                is not there.
        """
        with self._primary() as (folder, primary), _unnamed(auth) as value:
            public, private, loaded = (folder / name for name in ("public", "private", "loaded"))
            public.write_bytes(sealed.public)
            private.write_bytes(sealed.private)
            self._asked(
                "tpm2_load", "-Q", "-C", str(primary), "-u", str(public), "-r", str(private),
                "-c", str(loaded),
            )  # fmt: skip
            self._forget_loaded()
            return self._asked(
                "tpm2_unseal", "-c", str(loaded), "-p", f"file:/dev/fd/{value}", shown=(value,)
            )

    def lockout(self) -> Lockout:
        """Return how it limits guesses; raises TpmRefusedError."""
        said = self._asked("tpm2_getcap", "properties-variable")
        numbers = {name: int(number, 16) for name, number in _NUMBERS.findall(said)}
        most, wrong = numbers.get(b"MAX_AUTH_FAIL", 0), numbers.get(b"LOCKOUT_COUNTER", 0)
        return Lockout(most, wrong, numbers.get(b"LOCKOUT_INTERVAL", 0))

    @contextmanager
    def _primary(self) -> Iterator[tuple[Path, Path]]:
        """Yield a folder for what is not secret, and in it the key that the TPM makes anew."""
        with tempfile.TemporaryDirectory(prefix="edge-app-") as name:
            folder = Path(name)
            primary = folder / "primary"
            kind = (*_KIND, "-a", _STORAGE)
            self._asked("tpm2_createprimary", "-Q", "-C", "o", *kind, "-c", str(primary))
            self._forget_loaded()
            try:
                yield folder, primary
            finally:
                self._forget_loaded()

    def _forget_loaded(self) -> None:
        """Free the few places in the TPM; one without a manager keeps what a program loaded."""
        self._asked("tpm2_flushcontext", "-t")

    def _asked(self, tool: str, *words: str, shown: Sequence[int] = ()) -> bytes:
        """Return what a tool answers; its own words, which may be about a secret, go no further."""
        command = [tool, "-T", self._tcti, *words]
        kept = {"PATH": os.environ.get("PATH", os.defpath), "TSS2_LOG": "all+error"}
        try:
            ended = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, check=False,
                timeout=_LONGEST_S, pass_fds=shown, env=kept,
            )  # fmt: skip
        except FileNotFoundError:
            raise TpmRefusedError(
                "The programs that speak to the TPM are not installed.", "Install tpm2-tools."
            ) from None
        except (OSError, subprocess.TimeoutExpired):  # the latter holds what came so far
            raise _silent("no answer") from None
        if ended.returncode:
            raise _refusal(ended.stderr)
        return ended.stdout


def _refusal(said: bytes) -> TpmRefusedError:
    codes = [int(code, 16) for code in _SAID.findall(said)]
    code = codes[-1] if codes else 0
    if code == _LOCKED_OUT:
        return TpmLockedOutError(
            "The TPM was given too many wrong values, by whatever program, and locked itself.",
            "Leave the machine on for some hours and try again, or use the recovery key.",
        )
    if code < 0x1000 and code & _ABOUT_WHAT_WAS_GIVEN:
        return TpmRefusedError(
            "This machine's TPM does not open this device's own secret: it was cleared, got an "
            "owner's password, or is another one.",
            "Run edge-app user recover with the recovery key.",
        )
    return _silent(f"{code:#x}")


def _silent(why: str) -> TpmRefusedError:
    return TpmRefusedError(
        f"The TPM cannot be used ({why}), so no passphrase opens the studies.",
        "Look whether this account is in the group tss, and switch the machine off and on; else "
        "run edge-app user recover with the recovery key.",
    )


@contextmanager
def _unnamed(content: bytes) -> Iterator[int]:
    """Yield a file that is in memory only and has no name."""
    handle = os.memfd_create("")
    try:
        os.write(handle, content)
        yield handle
    finally:
        os.close(handle)
