"""Reports carried to peers that hung up before they heard them, on associations of our own."""

import logging
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pynetdicom import AE
from pynetdicom.association import Association
from pynetdicom.presentation import build_role
from pynetdicom.sop_class import StorageCommitmentPushModel  # type: ignore[attr-defined]
from pynetdicom.transport import T_CONNECT, AddressInformation, AssociationSocket

from hardware.dicom_receiver.commitment import WELL_KNOWN_INSTANCE, Report
from hardware.dicom_receiver.settings import ReceiverSettings

_LOG = logging.getLogger(__name__)
_PAUSES_S = (1.0, 10.0, 60.0, 300.0)
_MOST_WAITING = 16
_PATIENCE_S = 20.0
_LOOK_S = 0.2

Dial = Callable[[int], "socket.socket | None"]
"""Returns a connection to the peer of that number in the settings, or None."""


@dataclass(frozen=True, slots=True)
class _Call:
    peer: int
    report: Report
    tries: int = 0
    due_s: float = 0.0


class Caller:
    """Carries reports one after another; gives one up after five tries, as its peer asks again."""

    def __init__(self, settings: ReceiverSettings) -> None:
        self._settings = settings
        self._waiting: deque[_Call] = deque()

    def take(self, peer: int, report: Report) -> None:
        """Carry `report` to the peer of that number, where the settings name its port."""
        if self._settings.peers[peer].report_port is None:
            return
        if len(self._waiting) >= _MOST_WAITING:
            _LOG.warning("A report on storage commitment was given up: too many wait.")
            return
        self._waiting.append(_Call(peer, report, due_s=time.monotonic() + _PAUSES_S[0]))

    def start(self, dial: Dial) -> None:
        """Begin, beside the associations."""
        threading.Thread(target=self._run, args=(dial,), name="reports", daemon=True).start()

    def _run(self, dial: Dial) -> None:
        while True:
            call = self._waiting.popleft() if self._waiting else None
            if call is None or time.monotonic() < call.due_s:
                if call:
                    self._waiting.append(call)
                time.sleep(_LOOK_S)
            elif not self._carried(call, dial):
                self._later(call)

    def _later(self, call: _Call) -> None:
        tries = call.tries + 1
        if tries > len(_PAUSES_S):
            name = self._settings.peers[call.peer].name
            _LOG.warning("%r did not take a report on storage commitment.", name)
            return
        due_s = time.monotonic() + _PAUSES_S[tries - 1]
        self._waiting.append(replace(call, tries=tries, due_s=due_s))

    def _carried(self, call: _Call, dial: Dial) -> bool:
        connection = dial(call.peer)
        if connection is None:
            return False
        peer = self._settings.peers[call.peer]
        entity = _CallingEntity(self._settings.ae_title, connection)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = _PATIENCE_S
        entity.add_requested_context(StorageCommitmentPushModel)
        role = build_role(StorageCommitmentPushModel, scp_role=True)  # PS3.4, J.3.3
        assoc = entity.associate(
            peer.address, peer.report_port or 0, ae_title=peer.ae_title, ext_neg=[role]
        )
        if not assoc.is_established:
            return False
        try:
            return _reported(assoc, call.report)
        finally:
            assoc.release()


def _reported(assoc: Association, report: Report) -> bool:
    try:
        status, _ = assoc.send_n_event_report(
            report.information(),
            report.event_type,
            StorageCommitmentPushModel,
            WELL_KNOWN_INSTANCE,
        )
    except (RuntimeError, ValueError):  # it hung up, or does not know the service
        return False
    return "Status" in status and int(status.Status) == 0


class _CallingEntity(AE):
    """Speaks over a connection that it is given instead of making one."""

    def __init__(self, ae_title: str, connection: socket.socket) -> None:
        super().__init__(ae_title)
        self._connection = connection

    def _create_socket(self, assoc: Association, *_: Any) -> AssociationSocket:  # noqa: ANN401
        return _GivenSocket(assoc, self._connection)


class _GivenSocket(AssociationSocket):
    def __init__(self, assoc: Association, connection: socket.socket) -> None:
        super().__init__(assoc, address=AddressInformation("127.0.0.1", 0))
        if self.socket:
            self.socket.close()
        self.socket = connection

    def connect(self, primitive: T_CONNECT) -> None:
        """Say that the connection is there."""
        self._is_connected = True
        primitive.result = "Evt2"
        self.provider_queue.put(primitive)
        self._ready.set()
