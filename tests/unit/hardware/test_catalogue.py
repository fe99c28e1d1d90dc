"""The table of drivers builds what it lists and explains what it does not."""

from datetime import datetime, timezone
from pathlib import Path

import pytest

from edge_app.domain.error import ScannerUnavailableError
from hardware.catalogue import DRIVERS, FINDERS, scanner
from hardware.kinds import FINDABLE
from hardware.lent import Surroundings
from tests import genicam_peer, sane_peer
from tests.peers.video_streams import needed as gstreamer_needed


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self) -> int:
        return 0


A_SANE = pytest.param("sane", "test:0", marks=sane_peer.needed)
A_GENICAM = pytest.param("genicam", "Aravis-Fake-None", marks=genicam_peer.needed)
LENT = Surroundings(clock=StoppedClock(), decode=lambda _: iter(()))


A_STREAM = pytest.param("gstreamer", "http://127.0.0.1:9/", marks=gstreamer_needed)
A_CAMERA = ("camera", "046d-0825-NONE")
A_WATCHED = ("watch-folder", ".")
A_DICOM = ("dicom", "receiver.toml")
SIMULATED = {"flatbed": "3", "ultrasound": "shipped", "xray-panel": "shipped"}


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("microscope", "7"),
        ("replay", "."),
        *SIMULATED.items(),
        A_WATCHED,
        A_SANE,
        A_GENICAM,
        A_CAMERA,
        A_DICOM,
        A_STREAM,
    ],
)
def test_a_driver_says_the_kind_under_which_it_is_listed(
    kind: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANE_CONFIG_DIR", str(sane_peer.configured_for_this_process()))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "receiver.toml").write_text('ae_title = "EDGEAPP"\nspool = "spool"\n')

    assert scanner(kind, place, LENT).info().kind == kind


def test_every_listed_kind_is_tried_above() -> None:
    attached = {"sane", "genicam", "camera", "dicom", "gstreamer"}
    attached.add("twain")  # in test_twain.py: it needs a fake of Windows
    assert set(DRIVERS) == {"microscope", "replay", "watch-folder", *attached, *SIMULATED}


def test_every_kind_that_can_be_looked_for_has_a_finder_and_a_driver() -> None:
    assert set(FINDERS) == set(FINDABLE)
    assert set(FINDABLE) <= set(DRIVERS)


def test_an_unknown_kind_is_refused_with_the_kinds_that_there_are() -> None:
    with pytest.raises(
        ScannerUnavailableError, match="camera, dicom, flatbed, genicam, gstreamer, microscope"
    ):
        scanner("telescope", "", LENT)


@pytest.mark.parametrize("place", ["", "x", "-1", "1.5", "\u0663"])
def test_a_smear_that_is_no_whole_number_is_refused(place: str) -> None:
    with pytest.raises(ScannerUnavailableError, match="whole number"):
        scanner("microscope", place, LENT)
