"""A modality, by pynetdicom, that asks for storage commitment and hears the reports."""

import contextlib
import queue
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, evt
from pynetdicom.association import Association
from pynetdicom.dimse_messages import N_EVENT_REPORT_RSP
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification

from tests.peers.dicom_clinic import OURS, THEIRS, Site
from tests.peers.dicom_objects import announced

WELL_KNOWN = "1.2.840.10008.1.20.1.1"


@dataclass(frozen=True)
class Heard:
    """One report."""

    transaction: str
    event_type: int
    safe: frozenset[str]
    failed: dict[str, int]


@dataclass
class Modality:
    """Asks, and puts every report that it hears into `heard`."""

    heard: "queue.Queue[Heard]" = field(default_factory=queue.Queue)
    status: int = 0x0000
    unanswered: int = 0

    def report(self, event: evt.Event) -> tuple[int, None]:
        ds = event.event_information
        safe = frozenset(
            str(i.ReferencedSOPInstanceUID) for i in ds.get("ReferencedSOPSequence", ())
        )
        failed = {
            str(i.ReferencedSOPInstanceUID): int(i.FailureReason)
            for i in ds.get("FailedSOPSequence", ())
        }
        self.unanswered += 1
        self.heard.put(Heard(str(ds.TransactionUID), event.event_type, safe, failed))
        return self.status, None

    def next(self, timeout_s: float = 15) -> Heard:
        return self.heard.get(timeout=timeout_s)

    @contextmanager
    def associated(self, site: Site) -> Iterator[Association]:
        entity = AE(THEIRS)
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = 30
        for context in (StorageCommitmentPushModel, Verification):
            entity.add_requested_context(context)
        handlers = [(evt.EVT_N_EVENT_REPORT, self.report), (evt.EVT_DIMSE_SENT, self._sent)]
        assoc = entity.associate("127.0.0.1", site.port, ae_title=OURS, evt_handlers=handlers)
        assert assoc.is_established
        try:
            yield assoc
        finally:
            self._wait_until_answered()
            with contextlib.suppress(RuntimeError):
                assoc.release()
            ended(assoc)

    def _sent(self, event: evt.Event) -> None:
        self.unanswered -= isinstance(event.message, N_EVENT_REPORT_RSP)

    def _wait_until_answered(self) -> None:
        """Give pynetdicom's thread the time to answer a report before we release."""
        until = time.monotonic() + 10
        while self.unanswered and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.05)  # it is told before the answer is on its way

    @contextmanager
    def listening(self, port: int, context: object = None) -> Iterator[None]:
        """Take reports on associations that the receiver opens."""
        entity = AE(THEIRS)
        entity.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
        callers: list[Association] = []
        handlers = [
            (evt.EVT_N_EVENT_REPORT, self.report),
            (evt.EVT_CONN_OPEN, lambda event: callers.append(event.assoc)),
        ]
        server = entity.start_server(
            ("127.0.0.1", port), block=False, evt_handlers=handlers, ssl_context=context
        )
        try:
            yield
        finally:
            server.shutdown()
            for assoc in callers:
                ended(assoc)


def ended(assoc: Association) -> None:
    """Leave no thread and no socket of an association behind."""
    assoc.kill()
    assoc.join(1)
    if assoc.dul.socket and assoc.dul.socket.socket:
        assoc.dul.socket.socket.close()


def a_request(instances: Sequence[tuple[str, str]], transaction: str = "") -> Dataset:
    """Return what is sent to have (class, instance) pairs vouched for."""
    ds = Dataset()
    ds.TransactionUID = transaction or generate_uid()
    ds.ReferencedSOPSequence = []
    for sop_class, sop_instance in instances:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, sop_instance
        ds.ReferencedSOPSequence.append(item)
    return ds


def known_as(path: Path) -> tuple[str, str]:
    said = announced(path)
    return said.sop_class, said.sop_instance


def asked(assoc: Association, ds: Dataset, action: int = 1, instance: str = WELL_KNOWN) -> int:
    """Send the request; return the status that it is answered with."""
    status, _ = assoc.send_n_action(ds, action, StorageCommitmentPushModel, instance)
    return int(status.Status)
