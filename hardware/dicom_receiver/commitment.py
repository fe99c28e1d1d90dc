"""A request for storage commitment and the report on it (PS3.4, annex J), free of the network."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from pydicom.dataset import Dataset

from hardware.dicom_receiver.limits import COMMITTED_AT_ONCE
from hardware.dicom_receiver.refusal import Failure

WELL_KNOWN_INSTANCE = "1.2.840.10008.1.20.1.1"
REQUEST_COMMITMENT = 1  # the action's type
_ALL_SAFE, _SOME_FAILED = 1, 2  # the event's type
_UID = re.compile(r"[0-9.]{1,64}")


class ActionStatus(IntEnum):
    """What a request is answered with (PS3.7, annex C)."""

    SUCCESS = 0x0000
    NO_SUCH_INSTANCE = 0x0112
    INVALID_ARGUMENT = 0x0115
    NO_SUCH_CLASS = 0x0118
    NO_SUCH_ACTION = 0x0123
    TOO_MUCH = 0x0213


class RequestRefusedError(Exception):
    """Nothing of the request is looked at; `status` goes to its sender."""

    def __init__(self, status: ActionStatus) -> None:
        super().__init__(status.name)
        self.status = status


@dataclass(frozen=True, slots=True)
class Instance:
    """One object that somebody asks about."""

    sop_class: str
    sop_instance: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: what the sender would delete if we vouch for it."""

    transaction: str
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to one request."""

    transaction: str
    safe: tuple[Instance, ...]
    failed: tuple[tuple[Instance, Failure], ...]

    @property
    def event_type(self) -> int:
        """Whether all is safe, as DICOM numbers it."""
        return _SOME_FAILED if self.failed else _ALL_SAFE

    def information(self) -> Dataset:
        """Return the data set of the report."""
        ds = Dataset()
        ds.TransactionUID = self.transaction
        if self.safe:
            ds.ReferencedSOPSequence = [_referenced(each) for each in self.safe]
        if self.failed:
            ds.FailedSOPSequence = [_failed(each, why) for each, why in self.failed]
        return ds


def asked_in(ds: Dataset) -> Asked:
    """Return what a request asks about.

    Raises:
        RequestRefusedError: It lacks something, holds no UIDs, or asks about too much at once.
    """
    items = ds.get("ReferencedSOPSequence")
    if not items:
        raise RequestRefusedError(ActionStatus.INVALID_ARGUMENT)
    if len(items) > COMMITTED_AT_ONCE:
        raise RequestRefusedError(ActionStatus.TOO_MUCH)
    return Asked(_uid(ds, "TransactionUID"), tuple(_instances(items)))


def report_on(asked: Asked, fault_of: Callable[[Instance], Failure | None]) -> Report:
    """Return the report, with `fault_of` asked once about each instance."""
    safe: list[Instance] = []
    failed: list[tuple[Instance, Failure]] = []
    for instance in dict.fromkeys(asked.instances):
        failure = fault_of(instance)
        if failure is None:
            safe.append(instance)
        else:
            failed.append((instance, failure))
    return Report(asked.transaction, tuple(safe), tuple(failed))


def _instances(items: list[Dataset]) -> Iterator[Instance]:
    for item in items:
        yield Instance(_uid(item, "ReferencedSOPClassUID"), _uid(item, "ReferencedSOPInstanceUID"))


def _uid(ds: Dataset, keyword: str) -> str:
    value = str(ds.get(keyword, ""))
    if not _UID.fullmatch(value):
        raise RequestRefusedError(ActionStatus.INVALID_ARGUMENT)
    return value


def _referenced(instance: Instance) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = instance.sop_class
    item.ReferencedSOPInstanceUID = instance.sop_instance
    return item


def _failed(instance: Instance, why: Failure) -> Dataset:
    item = _referenced(instance)
    item.FailureReason = int(why)
    return item
