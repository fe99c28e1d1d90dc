"""The receiver gives each patient its own pictures first, and keeps the others for their own."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import scanners
from edge_app.domain.belonging import Mismatch, mismatch
from edge_app.domain.error import NothingYetError
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.ports import Decision
from hardware.dicom_receiver.scanner import OpenReceiver
from hardware.dicom_receiver.spool import Spool
from hardware.remote import OpenRemote
from tests.keys import KEYS
from tests.peers import dicom_spool
from tests.peers.dicom_clinic import Site, a_peer, a_site
from tests.peers.dicom_objects import opened, shipped
from tests.peers.dicom_patients import Sent, a_picture, needs_modality, pixels_of, sends

pytestmark = needs_modality
AMINA, BAO = PatientRef("P-1", "Amina Test"), PatientRef("P-2", "Bao Test")
OF_AMINA, OF_BAO, OF_NOBODY = Sent("P-1", "Test^Amina"), Sent("P-2", "Test^Bao"), Sent("", "X^Y")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return a_site(tmp_path / "site", a_peer(plain=True))


@pytest.fixture
def device(site: Site) -> Iterator[OpenReceiver]:
    with opened_by(site) as taken:
        yield taken


@contextmanager
def opened_by(site: Site) -> Iterator[OpenReceiver]:
    """Open the device beside a receiver that is there already, and receives nothing."""
    spool = Spool(site.spool)
    spool.ensure_there()
    device = dicom_spool.driver(site, SystemClock())
    with spool.held("receiving"), device.open() as taken:
        yield taken


def received(site: Site, folder: Path, *sent: Sent, first: int = 1) -> None:
    """Keep pictures as if they had been received, numbered from `first`."""
    numbered = enumerate(sent, first)
    dicom_spool.keep(site, *(a_picture(folder, number, each) for number, each in numbered))


def is_picture(image: CapturedImage, number: int) -> bool:
    return np.array_equal(image.pixels, pixels_of(number))


def taken(device: OpenReceiver) -> CapturedImage:
    """Return the next frame, and say that it was kept."""
    image = device.frame()
    device.settle(image.sequence, Decision.KEPT)
    return image


def test_the_patients_own_pictures_come_first_and_in_their_order(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    received(site, tmp_path, OF_BAO, OF_AMINA, OF_NOBODY, OF_AMINA)
    device.serve(AMINA)

    assert [is_picture(taken(device), number) for number in (2, 4)] == [True, True]
    strangers = device.frame()
    assert is_picture(strangers, 1)
    assert mismatch(strangers.belongs, AMINA) is Mismatch.OTHER_PATIENT
    assert strangers.belongs.patient.name == "Test Bao"
    assert strangers.belongs.accession == "ORDER-1"


def test_what_is_left_comes_again_when_its_own_patient_is_there_and_not_before(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    received(site, tmp_path, OF_BAO, OF_BAO)
    device.serve(AMINA)
    device.settle(device.frame().sequence, Decision.FOR_LATER)
    with pytest.raises(NothingYetError, match="for this patient"):
        device.frame()
    device.serve(BAO)

    assert [is_picture(taken(device), number) for number in (1, 2)] == [True, True]
    with pytest.raises(NothingYetError):
        device.frame()


def test_anothers_picture_can_never_be_said_to_be_kept(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    received(site, tmp_path, OF_BAO)
    device.serve(AMINA)
    taken(device)
    device.serve(BAO)

    assert is_picture(device.frame(), 1)


def test_the_patients_own_picture_overtakes_anothers_that_is_shown(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    received(site, tmp_path, OF_BAO)
    device.serve(AMINA)
    assert is_picture(device.frame(), 1)
    received(site, tmp_path, OF_AMINA, first=2)

    assert is_picture(taken(device), 2)


def test_no_other_stranger_comes_while_one_is_shown(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    received(site, tmp_path, OF_BAO, OF_NOBODY)
    device.serve(AMINA)
    first = device.frame()
    with pytest.raises(NothingYetError):
        device.frame()
    device.settle(first.sequence, Decision.FOR_LATER)

    second = device.frame()
    assert is_picture(second, 2)
    assert mismatch(second.belongs, AMINA) is Mismatch.NOBODY


def test_leaving_a_stranger_late_leaves_the_stranger_and_not_what_came_meanwhile(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    received(site, tmp_path, OF_BAO)
    device.serve(AMINA)
    stranger = device.frame()
    received(site, tmp_path, OF_AMINA, first=2)
    own = device.frame()
    device.settle(stranger.sequence, Decision.FOR_LATER)
    device.settle(own.sequence, Decision.KEPT)

    with pytest.raises(NothingYetError):
        device.frame()
    device.serve(BAO)
    assert is_picture(device.frame(), 1)


def test_a_picture_that_nobody_decided_on_comes_again_to_its_patient(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    received(site, tmp_path, OF_AMINA)
    device.serve(AMINA)
    device.frame()
    device.serve(BAO)
    device.serve(AMINA)

    assert is_picture(device.frame(), 1)
    assert is_picture(device.frame(), 1)


def test_what_was_kept_does_not_come_again_even_after_a_crash(site: Site, tmp_path: Path) -> None:
    received(site, tmp_path, OF_AMINA, OF_AMINA)
    with opened_by(site) as device:
        device.serve(AMINA)
        taken(device)
    with opened_by(site) as device:
        device.serve(AMINA)

        assert is_picture(taken(device), 2)
        with pytest.raises(NothingYetError):
            device.frame()


def test_a_clip_goes_on_where_its_patient_left(site: Site, tmp_path: Path) -> None:
    clip = opened(shipped("examples_ybr_color.dcm"))
    clip.PatientID = "P-1"
    clip.save_as(tmp_path / "clip.dcm")
    dicom_spool.keep(site, tmp_path / "clip.dcm")
    whole = [each.pixels for each in dicom_spool.decoded_dicom(tmp_path / "clip.dcm")]
    with opened_by(site) as device:
        device.serve(AMINA)
        for pixels in whole[:3]:
            assert np.array_equal(taken(device).pixels, pixels)
        device.serve(BAO)
        device.settle(device.frame().sequence, Decision.FOR_LATER)
        device.serve(AMINA)

        assert np.array_equal(device.frame().pixels, whole[3])


def test_pictures_of_one_examination_with_two_patients_are_all_contested(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    one = Sent("P-1", study_uid="1.2.3.4")
    received(
        site, tmp_path, one, Sent("P-2", study_uid="1.2.3.4"), Sent("P-1", study_uid="1.2.3.5")
    )
    device.serve(AMINA)

    assert is_picture(taken(device), 3)
    for number in (1, 2):
        image = device.frame()
        assert is_picture(image, number)
        assert mismatch(image.belongs, AMINA) is Mismatch.CONTESTED
        device.settle(image.sequence, Decision.FOR_LATER)


def test_a_contradiction_to_a_picture_that_went_out_long_ago_is_still_seen(
    site: Site, tmp_path: Path
) -> None:
    received(site, tmp_path, Sent("P-1", study_uid="1.2.3.4"))
    with opened_by(site) as device:
        device.serve(AMINA)
        taken(device)
        with pytest.raises(NothingYetError):
            device.frame()
    received(site, tmp_path, Sent("P-2", study_uid="1.2.3.4"), first=2)
    with opened_by(site) as device:
        device.serve(BAO)

        assert mismatch(device.frame().belongs, BAO) is Mismatch.CONTESTED


def test_one_number_of_two_issuers_in_one_examination_is_contested(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    north, south = (Sent("P-1", issuer=who, study_uid="1.2.3.4") for who in ("NORTH", "SOUTH"))
    received(site, tmp_path, north, south)
    device.serve(AMINA)

    assert mismatch(device.frame().belongs, AMINA) is Mismatch.CONTESTED


def test_no_identifier_is_in_a_files_name_and_none_in_clear_beside_the_objects(
    site: Site, tmp_path: Path, device: OpenReceiver
) -> None:
    received(site, tmp_path, Sent("MARK-4711", "Marker^Quirin", "ISSUER-9", "1.2.3.99"))
    device.serve(AMINA)
    device.frame()
    beside = [p for p in site.spool.rglob("*") if p.is_file() and p.suffix != ".sealed"]
    told = " ".join(str(p) for p in site.spool.rglob("*")) + "".join(p.read_text() for p in beside)

    assert any(p.parent.name == "examinations" for p in beside)
    for secret in ("4711", "Marker", "Quirin", "ISSUER-9", "1.2.3.99"):
        assert secret not in told
    for identifier in (b"MARK-4711", b"ISSUER-9", b"1.2.3.99"):  # short ones can be tried out
        for plain in (hashlib.sha256(identifier), hashlib.blake2b(identifier, digest_size=20)):
            assert plain.hexdigest()[:20] not in told


def test_a_real_modality_and_the_devices_own_process_carry_whose_it_is(
    site: Site, tmp_path: Path
) -> None:
    (scanner,) = scanners([f"dicom:{site.settings}"], opens=KEYS.received)
    assert "patients" in scanner.info().capabilities
    with scanner.open() as device:
        assert isinstance(device, OpenRemote)
        device.serve(AMINA)
        sent = [a_picture(tmp_path, 1, OF_BAO), a_picture(tmp_path, 2, Sent("P-1", "Test^Amina",
                "NORTH", "1.2.3", "19900501"))]  # fmt: skip
        sends(site, *sent)
        own = device.frame()
        device.settle(own.sequence, Decision.KEPT)
        stranger = device.frame()

    assert is_picture(own, 2)
    assert own.belongs.patient.issuer == "NORTH"
    assert own.belongs.patient.birth_date.isoformat() == "1990-05-01"
    assert own.belongs.study_uid == "1.2.3"
    assert mismatch(stranger.belongs, AMINA) is Mismatch.OTHER_PATIENT
