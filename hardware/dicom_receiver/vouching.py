"""Answers requests for storage commitment and reports, on the same association or a new one."""

import logging
import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from typing import Any, cast

from pydicom.dataset import Dataset
from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import N_ACTION, N_EVENT_REPORT
from pynetdicom.dsutils import encode
from pynetdicom.sop_class import StorageCommitmentPushModel  # type: ignore[attr-defined]

from hardware.dicom_receiver import limits
from hardware.dicom_receiver.commitment import (
    REQUEST_COMMITMENT,
    WELL_KNOWN_INSTANCE,
    ActionStatus,
    Instance,
    Report,
    RequestRefusedError,
    asked_in,
    report_on,
)
from hardware.dicom_receiver.keeping import Keeper
from hardware.dicom_receiver.refusal import Failure
from hardware.dicom_receiver.whole import UNDECODED

_LOG = logging.getLogger(__name__)
_MOST_UNHEARD = 4
_REPORT_ANSWERED = 0x8100  # PS3.7, E.1: N-EVENT-REPORT-RSP

Unheard = Callable[[int, Report], None]
"""Takes a report that the peer of that number in the settings has not heard."""


@dataclass(slots=True)
class _Promise:
    report: Report
    syntax: UID


@dataclass(slots=True)
class _Talk:
    """One association: its reports that nobody confirmed, and which of them is to be sent now."""

    due: int = 0
    unheard: dict[int, _Promise] = field(default_factory=dict)


class Vouching:
    """Answers N-ACTION of storage commitment; success only for what is read again and found whole.

    A report is sent by the association's own thread, right behind the answer to its request, so
    that no two messages can mix. One that the peer did not confirm before it left goes to
    `unheard`.
    """

    def __init__(self, keeper: Keeper, unheard: Unheard) -> None:
        self._keeper = keeper
        self._unheard = unheard
        self._one = threading.Lock()
        self._numbers = count(1)
        self._talks: weakref.WeakKeyDictionary[Association, _Talk] = weakref.WeakKeyDictionary()

    def handlers(self) -> list[evt.EventHandlerType]:
        """Return what pynetdicom must call."""
        return [
            (evt.EVT_N_ACTION, self._asked),
            (evt.EVT_ESTABLISHED, self._established),
            (evt.EVT_DIMSE_RECV, self._heard),
            (evt.EVT_RELEASED, self._left),
            (evt.EVT_ABORTED, self._left),
            (evt.EVT_CONN_CLOSE, self._left),
        ]

    def _established(self, event: evt.Event) -> None:
        """Have the report follow the answer to its request."""
        talk = self._talks[event.assoc] = _Talk()
        send = event.assoc.dimse.send_msg

        def sent(primitive: Any, context_id: int) -> None:  # noqa: ANN401  pynetdicom's
            send(primitive, context_id)
            number, talk.due = talk.due, 0
            if number in talk.unheard:
                send(_report_request(talk.unheard[number], number), context_id)

        event.assoc.dimse.send_msg = sent  # type: ignore[method-assign]  # its one way out

    def _asked(self, event: evt.Event) -> tuple[int, None]:
        talk = self._talks[event.assoc]
        try:
            report = self._report(event, talk)
        except RequestRefusedError as error:
            _LOG.warning("A request for storage commitment was refused: %s.", error)
            return int(error.status), None
        number = next(self._numbers) % 0xFFFF + 1
        talk.unheard[number] = _Promise(report, UID(event.context.transfer_syntax))
        talk.due = number
        return int(ActionStatus.SUCCESS), None

    def _report(self, event: evt.Event, talk: _Talk) -> Report:
        request = cast("N_ACTION", event.request)
        classes = (request.RequestedSOPClassUID, event.context.abstract_syntax)
        if any(each != StorageCommitmentPushModel for each in classes):
            raise RequestRefusedError(ActionStatus.NO_SUCH_CLASS)
        if request.RequestedSOPInstanceUID != WELL_KNOWN_INSTANCE:
            raise RequestRefusedError(ActionStatus.NO_SUCH_INSTANCE)
        if event.action_type != REQUEST_COMMITMENT:
            raise RequestRefusedError(ActionStatus.NO_SUCH_ACTION)
        if len(talk.unheard) >= _MOST_UNHEARD:
            raise RequestRefusedError(ActionStatus.TOO_MUCH)
        try:
            asked = asked_in(event.action_information)
        except UNDECODED as error:
            raise RequestRefusedError(ActionStatus.INVALID_ARGUMENT) from error
        until = time.monotonic() + limits.VOUCHING_S

        def fault_of(instance: Instance) -> Failure | None:
            if time.monotonic() >= until:
                return Failure.PROCESSING
            return self._keeper.fault_of(instance.sop_class, instance.sop_instance)

        with self._one:
            return report_on(asked, fault_of)

    def _heard(self, event: evt.Event) -> None:
        command = event.message.command_set
        talk = self._talks.get(event.assoc)
        if not talk or not command or command.get("CommandField") != _REPORT_ANSWERED:
            return
        if command.get("Status") == 0:
            talk.unheard.pop(command.get("MessageIDBeingRespondedTo"), None)

    def _left(self, event: evt.Event) -> None:
        talk = self._talks.pop(event.assoc, None)
        if talk is None:
            return
        for promise in list(talk.unheard.values()):
            self._unheard(event.assoc.requestor.port, promise.report)


def _report_request(promise: _Promise, number: int) -> N_EVENT_REPORT:
    request = N_EVENT_REPORT()
    request.MessageID = number
    request.AffectedSOPClassUID = StorageCommitmentPushModel
    request.AffectedSOPInstanceUID = WELL_KNOWN_INSTANCE
    request.EventTypeID = promise.report.event_type
    request.EventInformation = BytesIO(_encoded(promise.report.information(), promise.syntax))
    return request


def _encoded(ds: Dataset, syntax: UID) -> bytes:
    found = encode(ds, syntax.is_implicit_VR, syntax.is_little_endian)
    if found is None:
        raise ValueError("a report that cannot be encoded")
    return found
