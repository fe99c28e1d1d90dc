"""What the doctor says of the device's own secret: where it lies, and what that protects."""

from dataclasses import dataclass

from edge_app.settings import Settings
from edge_app.storage.device_secret import DeviceSecret, Place
from edge_app.storage.tpm import Tpm

_MOVE = "Run edge-app user into-tpm."
_IN_FILE = (
    "in a file beside the studies, not in a TPM: it protects a copy of the studies, "
    "not a machine that is stolen whole"
)
_IN_TPM = (
    "sealed by this machine's TPM: it protects a disk or a copy without this machine, not a "
    "machine that is stolen whole, whose passphrases are then all there is"
)
_MANY = 100


@dataclass(frozen=True, slots=True)
class DeviceSecretState:
    """Where the secret lies; with a remedy, something better is at hand."""

    found: str
    remedy: str = ""


def device_secret_state(settings: Settings) -> DeviceSecretState:
    """Return where the device's own secret lies, once it could be had.

    Raises:
        KeysDamagedError: It is missing or damaged.
        TpmRefusedError: The TPM does not give it.
    """
    device = DeviceSecret(settings.data_dir, settings.tpm)
    device.known()
    if device.place is Place.TPM:
        return _sealed(settings.tpm)
    if device.place is Place.BOTH:
        return DeviceSecretState(f"{_IN_FILE}; a TPM sealed it too", _MOVE)
    if settings.tpm:
        return DeviceSecretState(f"{_IN_FILE}; there is a TPM that could seal it", _MOVE)
    return DeviceSecretState(_IN_FILE)


def _sealed(tcti: str) -> DeviceSecretState:
    lockout = Tpm(tcti).lockout()
    if not lockout.forgives_s or lockout.most > _MANY:
        remedy = "Have whoever set the machine up give its TPM limits: tpm2_dictionarylockout."
        return DeviceSecretState(f"{_IN_TPM}; that TPM hardly limits wrong values", remedy)
    said = f"it locks itself after {lockout.most} wrong values and forgets one every"
    return DeviceSecretState(f"{_IN_TPM}; {said} {lockout.forgives_s} s")
