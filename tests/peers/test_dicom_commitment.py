"""Storage commitment: vouched for is only what lies whole and synced in the spool."""

import contextlib
import queue
import random
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pynetdicom.dimse_messages import N_ACTION_RQ
from pynetdicom.dimse_primitives import N_ACTION
from pynetdicom.dsutils import encode
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification

from hardware.dicom_receiver import limits
from tests.peers.dicom_clinic import (
    Receiver,
    Site,
    a_peer,
    a_port,
    a_site,
    a_tls_site,
    receiving,
)
from tests.peers.dicom_commitment import WELL_KNOWN, Modality, a_request, asked, known_as
from tests.peers.dicom_objects import PLAIN, renumbered, shipped
from tests.peers.dicom_wire import (
    association_request,
    connected,
    fragments,
    received,
    status_of,
    stored,
)

CT = "1.2.840.10008.5.1.4.1.1.2"
MR = "1.2.840.10008.5.1.4.1.1.4"
NO_SUCH, CONFLICT, PROCESSING = 0x0112, 0x0119, 0x0110


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(a_site(tmp_path / "site", a_peer(plain=True))) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def asked_often(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    """A receiver for those who change nothing in its spool."""
    site = a_site(tmp_path_factory.mktemp("site") / "site", a_peer(plain=True))
    with receiving(site) as receiver:
        yield receiver


def send(site: Site, *files: Path) -> None:
    for path in files:
        with connected(site) as wire:
            assert stored(wire, path) == 0


def ensure_said(receiver: Receiver, words: str) -> None:
    """Wait until the receiver's log says it."""
    until = time.monotonic() + 10
    while words not in receiver.said:
        assert time.monotonic() < until, receiver.said
        time.sleep(0.05)


def test_what_was_stored_is_vouched_for_on_the_same_association(
    plain: Receiver, tmp_path: Path
) -> None:
    files, modality = renumbered(PLAIN, tmp_path, 3), Modality()
    send(plain.site, *files)
    request = a_request([known_as(path) for path in files])
    with modality.associated(plain.site) as assoc:
        assert asked(assoc, request) == 0
        heard = modality.next()
        assert assoc.send_c_echo().Status == 0  # the association goes on

    assert heard.transaction == request.TransactionUID
    assert heard.event_type == 1
    assert heard.safe == {known_as(path)[1] for path in files}
    assert heard.failed == {}


def test_what_cannot_be_vouched_for_is_told_with_its_reason(
    plain: Receiver, tmp_path: Path
) -> None:
    files, modality = renumbered(PLAIN, tmp_path, 4), Modality()
    send(plain.site, *files)
    sound, rotten, gone, other = (known_as(path)[1] for path in files)
    kept = plain.site.received
    content = bytearray(kept[1].read_bytes())
    content[-1] ^= 1
    kept[1].write_bytes(content)
    kept[2].unlink()
    instances = [(CT, sound), (CT, rotten), (CT, gone), (MR, other), (CT, "1.2.3.4")]
    with modality.associated(plain.site) as assoc:
        assert asked(assoc, a_request(instances)) == 0
        heard = modality.next()

    assert heard.event_type == 2
    assert heard.safe == {sound}
    assert heard.failed == {rotten: PROCESSING, gone: NO_SUCH, other: CONFLICT, "1.2.3.4": NO_SUCH}


def test_an_object_that_is_cut_short_in_the_spool_is_not_vouched_for(
    plain: Receiver, tmp_path: Path
) -> None:
    (path,), modality = renumbered(PLAIN, tmp_path, 1), Modality()
    send(plain.site, path)
    whole, draw = plain.site.received[0].read_bytes(), random.Random(5)  # noqa: S311  no secret
    cuts = [0, 131, 150, len(whole) - 1, *draw.sample(range(len(whole)), 4)]
    for cut in cuts:
        plain.site.received[0].write_bytes(whole[:cut])
        with modality.associated(plain.site) as assoc:
            assert asked(assoc, a_request([known_as(path)])) == 0
            heard = modality.next()
        assert (heard.safe, set(heard.failed.values())) == (frozenset(), {PROCESSING})


def without(keyword: str) -> Dataset:
    ds = a_request([(CT, "1.2.3")])
    delattr(ds, keyword)
    return ds


@pytest.mark.parametrize(
    ("ds", "more", "status"),
    [
        (a_request([(CT, "1.2.3")]), {"action": 2}, 0x0123),
        (a_request([(CT, "1.2.3")]), {"instance": "1.2.3"}, 0x0112),
        (without("TransactionUID"), {}, 0x0115),
        (without("ReferencedSOPSequence"), {}, 0x0115),
        (a_request([]), {}, 0x0115),
        (a_request([(CT, "")]), {}, 0x0115),
        (a_request([("", "1.2.3")]), {}, 0x0115),
        (a_request([(CT, "1.2.3")] * (limits.COMMITTED_AT_ONCE + 1)), {}, 0x0213),
    ],
)
def test_a_request_that_is_none_is_refused_and_no_report_follows(
    asked_often: Receiver, ds: Dataset, more: dict[str, object], status: int
) -> None:
    modality = Modality()
    with modality.associated(asked_often.site) as assoc:
        assert asked(assoc, ds, **more) == status
        with pytest.raises(queue.Empty):
            modality.next(0.3)
        assert assoc.send_c_echo().Status == 0


def test_another_service_is_not_answered_through_this_one(asked_often: Receiver) -> None:
    modality, other = Modality(), "1.2.840.10008.5.1.4.34.6.1"  # a work item
    with modality.associated(asked_often.site) as assoc:
        status, _ = assoc.send_n_action(
            a_request([(CT, "1.2.3")]), 1, other, WELL_KNOWN, meta_uid=StorageCommitmentPushModel
        )
        assert status.Status == 0x0118
        with pytest.raises(queue.Empty):
            modality.next(0.3)


def action_pdus(content: bytes) -> list[bytes]:
    """Return a request for commitment, down to its bytes, with any data set."""
    request = N_ACTION()
    request.MessageID, request.ActionTypeID = 1, 1
    request.RequestedSOPClassUID = StorageCommitmentPushModel
    request.RequestedSOPInstanceUID = WELL_KNOWN
    message = N_ACTION_RQ()
    message.primitive_to_message(request)
    message.command_set.CommandDataSetType = 1
    command = encode(message.command_set, is_implicit_vr=True, is_little_endian=True)
    return [*fragments(command, 1), *fragments(content, 0)]


def test_mutilated_requests_hurt_nobody_but_themselves(asked_often: Receiver) -> None:
    ds = a_request([(CT, f"1.2.3.{number}") for number in range(20)])
    content, draw = encode(ds, True, True), random.Random(7)  # noqa: FBT003, S311  pynetdicom's
    worker = asked_often.worker
    for _ in range(30):
        spoilt = bytearray(content[: draw.randrange(1, len(content))])
        for _ in range(8):
            spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
        with connected(asked_often.site) as wire:
            wire.sendall(association_request(StorageCommitmentPushModel))
            assert received(wire)[0] == 2
            for pdu in action_pdus(bytes(spoilt)):
                wire.sendall(pdu)
            kind, body = received(wire)
            assert kind in {0, 4, 7}
            assert kind != 4 or status_of(body) in {0, 0x0110, 0x0115}
    with Modality().associated(asked_often.site) as assoc:
        assert assoc.send_c_echo().Status == 0

    assert asked_often.worker == worker


def test_a_request_larger_than_anybody_needs_is_cut_before_it_is_in_memory(
    asked_often: Receiver,
) -> None:
    huge, worker = bytes(limits.REQUEST_BYTES + 1), asked_often.worker
    with connected(asked_often.site) as wire:
        wire.sendall(association_request(StorageCommitmentPushModel))
        assert received(wire)[0] == 2
        with contextlib.suppress(ConnectionError):
            for pdu in action_pdus(huge):
                wire.sendall(pdu)
        assert received(wire)[0] in {0, 7}

    ensure_said(asked_often, "more data than its command may bring")
    assert asked_often.worker == worker


def test_a_data_set_behind_a_command_that_has_none_is_cut(asked_often: Receiver) -> None:
    with connected(asked_often.site) as wire:
        wire.sendall(association_request(Verification))
        assert received(wire)[0] == 2
        for pdu in fragments(bytes(1000), 0):
            wire.sendall(pdu)
        assert received(wire)[0] in {0, 7}


def test_a_report_that_nobody_waited_for_comes_on_a_new_association(tmp_path: Path) -> None:
    port, modality = a_port(), Modality()
    site = a_site(tmp_path / "site", a_peer(plain=True, report_port=port))
    (path,) = renumbered(PLAIN, tmp_path, 1)
    with receiving(site) as receiver, modality.listening(port):
        send(site, path)
        request = a_request([known_as(path)])
        with connected(site) as wire:
            wire.sendall(association_request(StorageCommitmentPushModel))
            assert received(wire)[0] == 2
            for pdu in action_pdus(encode(request, True, True)):  # noqa: FBT003  pynetdicom's
                wire.sendall(pdu)
            assert status_of(received(wire)[1]) == 0  # and hangs up
        heard = modality.next()
        with pytest.raises(queue.Empty):
            modality.next(1.5)

        assert heard.safe == {known_as(path)[1]}
        assert heard.transaction == request.TransactionUID
        assert receiver.process.poll() is None


def test_a_report_that_its_peer_could_not_take_is_carried_again(tmp_path: Path) -> None:
    port, unable, elsewhere = a_port(), Modality(status=PROCESSING), Modality()
    site = a_site(tmp_path / "site", a_peer(plain=True, report_port=port))
    with receiving(site), elsewhere.listening(port):
        with unable.associated(site) as assoc:
            assert asked(assoc, a_request([(CT, "1.2.3")])) == 0
            unable.next()

        assert elsewhere.next().failed == {"1.2.3": NO_SUCH}


def test_a_peer_whose_reports_pile_up_is_told_that_it_is_too_much(asked_often: Receiver) -> None:
    unable, statuses = Modality(status=PROCESSING), []
    with unable.associated(asked_often.site) as assoc:
        for _ in range(5):
            statuses.append(asked(assoc, a_request([(CT, "1.2.3")])))
            unable.next() if statuses[-1] == 0 else None

    assert statuses == [0, 0, 0, 0, 0x0213]


def test_a_report_that_was_heard_is_not_sent_again(tmp_path: Path) -> None:
    port, modality, elsewhere = a_port(), Modality(), Modality()
    site = a_site(tmp_path / "site", a_peer(plain=True, report_port=port))
    (path,) = renumbered(PLAIN, tmp_path, 1)
    with receiving(site), elsewhere.listening(port):
        send(site, path)
        with modality.associated(site) as assoc:
            assert asked(assoc, a_request([known_as(path)])) == 0
            assert modality.next().event_type == 1

        with pytest.raises(queue.Empty):
            elsewhere.next(2.5)


def test_a_peer_without_a_port_hears_it_only_while_it_waits(asked_often: Receiver) -> None:
    with connected(asked_often.site) as wire:
        wire.sendall(association_request(StorageCommitmentPushModel))
        assert received(wire)[0] == 2
        request = encode(a_request([(CT, "1.2.3")]), True, True)  # noqa: FBT003  pynetdicom's
        for pdu in action_pdus(request):
            wire.sendall(pdu)
        assert status_of(received(wire)[1]) == 0
    with Modality().associated(asked_often.site) as assoc:
        assert assoc.send_c_echo().Status == 0

    assert "did not take a report" not in asked_often.said


@pytest.mark.parametrize("shown", ["modality", "stranger"])
def test_a_new_association_with_tls_reaches_only_the_listed_certificate(
    tmp_path: Path, shown: str
) -> None:
    port, modality = a_port(), Modality()
    made = a_tls_site(tmp_path)
    text = made.site.settings.read_text()
    made.site.settings.write_text(f"{text}report_port = {port}\n")
    identity = {"modality": made.modality, "stranger": made.stranger}[shown]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.certificate, identity.key)
    context.load_verify_locations(made.authority.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    with receiving(made.site) as receiver, modality.listening(port, context):
        with connected(made.site, made.modality) as wire:
            wire.sendall(association_request(StorageCommitmentPushModel))
            assert received(wire)[0] == 2
            request = encode(a_request([(CT, "1.2.3")]), True, True)  # noqa: FBT003  pynetdicom's
            for pdu in action_pdus(request):
                wire.sendall(pdu)
            assert status_of(received(wire)[1]) == 0
        if shown == "modality":
            assert modality.next().failed == {"1.2.3": NO_SUCH}
        else:
            ensure_said(receiver, "another certificate")
            with pytest.raises(queue.Empty):
                modality.next(0.5)


def test_images_are_still_taken_while_reports_wait_for_a_peer_that_is_off(tmp_path: Path) -> None:
    site = a_site(tmp_path / "site", a_peer(plain=True, report_port=a_port()))
    with receiving(site) as receiver:
        with connected(site) as wire:
            wire.sendall(association_request(StorageCommitmentPushModel))
            assert received(wire)[0] == 2
            request = encode(a_request([(CT, "1.2.3")]), True, True)  # noqa: FBT003  pynetdicom's
            for pdu in action_pdus(request):
                wire.sendall(pdu)
            assert status_of(received(wire)[1]) == 0
        send(site, shipped(PLAIN))

        assert "1.2.3" not in receiver.said
        assert len(site.received) == 1
