"""Why an object is not kept, in the words that its sender gets."""

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """What a sender is told (PS3.4, B.2.3; PS3.7, C)."""

    SUCCESS = 0x0000
    DUPLICATE = 0x0111
    OUT_OF_RESOURCES = 0xA700
    DOES_NOT_MATCH = 0xA900
    CANNOT_UNDERSTAND = 0xC000


class Failure(IntEnum):
    """Why an instance is not vouched for (PS3.3, C.14.1.1)."""

    PROCESSING = 0x0110
    NO_SUCH_INSTANCE = 0x0112
    CLASS_CONFLICT = 0x0119


class ObjectRefusedError(Exception):
    """The object is not kept; `status` and the words (64 letters at most) go to its sender."""

    def __init__(self, status: Status, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Announced:
    """What a C-STORE says of its object."""

    sop_class: str
    sop_instance: str
    transfer_syntax: str
