"""What is set here, for whom, and where each value comes from."""

from dataclasses import dataclass
from enum import Enum


class Scope(Enum):
    """Whom a setting is for."""

    DEVICE = "this device"
    SITE = "the site"
    PERSON = "whoever is in"


class Key(Enum):
    """What can be set; in the order in which it is shown."""

    LANGUAGE = "language"
    DATA = "data folder"
    PACKAGES = "detectors' folder"
    TPM = "TPM"
    PROVIDERS = "providers"
    DEVICES = "devices"
    DRIVERS = "drivers of others"
    SHUTTER = "shutter"
    WEDGE = "wedge"
    BADGE_ALONE = "minutes by badge alone"
    PRINTERS = "printers"
    RETENTION = "days kept"
    BACKUP = "backup to"
    ROLES = "roles"
    PIN = "PIN"


class Origin(Enum):
    """Where a value comes from."""

    BUILT_IN = "built in"
    CHOSEN = "chosen at this device"
    FILE = "a file of the site"
    ENVIRONMENT = "the environment"
    SYSTEM = "the system"
    ACCOUNT = "the account"


@dataclass(frozen=True, slots=True)
class Setting:
    """One value as it is now.

    Attributes:
        value: Empty where nothing is set.
        where: Name of the file or of the variable; empty for none.
        problem: Why the file cannot be used, in one sentence; empty where it can.
    """

    scope: Scope
    key: Key
    value: str
    origin: Origin
    where: str = ""
    problem: str = ""
