"""A technician measures light and scale once; every later picture has them and says when."""

from functools import partial

import cv2
import pytest

from edge_app.compose.entrance import Entrance
from edge_app.domain.account import Account, Role
from edge_app.settings import Settings
from edge_app.storage import key_slots
from edge_app.storage.key_slots import Cost
from hardware.profile import profile_from
from tests.peers.dicom_clinic import a_peer, a_site
from tests.peers.dicom_objects import PLAIN
from tests.peers.dicom_spool import fill
from tests.unit.hardware.test_calibration import ruler

WORDS = "correct horse battery"
MICROSCOPE = """# Bench 3, by the window
kind = "microscope"

[settings]  # always so
"stage x" = -0.1
lamp = 85
"""


def lets_in(monkeypatch, data, role):
    """Set a store up in `data`; return the credentials of somebody of that role there."""
    monkeypatch.setattr(key_slots, "measured_cost", lambda: Cost(64, 1, 1))
    entrance = Entrance(Settings(data, data))
    who, _ = entrance.set_up("Amina", WORDS)
    with entrance.store(who) as store:
        store.add(Account("Baraka", frozenset({role})), WORDS)
    (data / "words").write_text(WORDS)
    return "Baraka", data / "words"


@pytest.fixture
def technician(program, monkeypatch):
    """The program, run by a technician with an account."""
    return partial(program, who=lets_in(monkeypatch, program.home / "data", Role.TECHNICIAN))


@pytest.fixture
def bench(tmp_path):
    path = tmp_path / "bench.toml"
    path.write_text(MICROSCOPE)
    return path


@pytest.fixture
def micrometer(tmp_path):
    """Return the profile and name of a device that shows a stage micrometer, 62.5 px a line."""
    folder, path = tmp_path / "pictures", tmp_path / "replay.toml"
    folder.mkdir()
    cv2.imwrite(str(folder / "1.png"), ruler(62.5))
    path.write_text('kind = "replay"\nturned = 90\n')
    return path, f"{path}:{folder}"


def captured(program, name, folder):
    ended = program("devices", "capture", name, "--out", folder, "--json")
    (image,) = ended.answer["images"]
    return image, cv2.imread(image["path"])


def test_light_that_was_measured_is_taken_out_of_every_picture_and_comments_stay(
    program, technician, bench, tmp_path
):
    before = captured(program, f"{bench}:7", tmp_path / "before")

    ended = technician("devices", "calibrate", "light", f"{bench}:7", "--json")
    after = captured(program, f"{bench}:7", tmp_path / "after")

    assert ended.status == 0
    assert before[0]["calibration"] == {"light": None, "spacing": None}
    assert after[0]["calibration"] == {"light": ended.answer["measured"], "spacing": None}
    assert (before[1].std() > 7, after[1].std() < 1.5) == (True, True)
    assert bench.read_text().startswith(MICROSCOPE)


def test_light_is_measured_anew_over_what_was_measured_before(technician, bench):
    for _ in range(2):
        assert technician("devices", "calibrate", "light", f"{bench}:7").status == 0

    assert bench.read_text().count("[light]") == 1


def test_a_calibrated_profile_keeps_its_rights_and_its_link(technician, bench, tmp_path):
    bench.chmod(0o640)
    link = tmp_path / "linked.toml"
    link.symlink_to(bench)

    assert technician("devices", "calibrate", "light", f"{link}:7").status == 0

    assert (link.is_symlink(), bench.stat().st_mode & 0o777) == (True, 0o640)
    assert "[light]" in bench.read_text()


def test_a_profile_of_two_devices_takes_no_measurement_of_one_of_them(technician, bench, tmp_path):
    before = bench.read_bytes()
    data = technician.func.home / "data"
    (data / "devices.toml").write_text(f'devices = ["{bench}:7", "{bench}:8"]\n')

    ended = technician("devices", "calibrate", "light", f"{bench}:7", "--json")

    assert (ended.status, ended.answer["error"]["code"]) == (1, "DEV-003")
    assert "shares its profile" in ended.answer["error"]["what"]
    assert bench.read_bytes() == before


def test_a_field_with_cells_leaves_the_profile_as_it_was(technician, bench):
    bench.write_text(MICROSCOPE.replace("-0.1", "0.1"))
    before = bench.read_bytes()

    ended = technician("devices", "calibrate", "light", f"{bench}:7", "--json")

    assert (ended.status, ended.answer["error"]["code"]) == (1, "DEV-001")
    assert bench.read_bytes() == before


@pytest.mark.parametrize("how", [("--marks", "7.3,9,507.3,9"), ("--spaces", "10")])
def test_a_scale_is_measured_on_the_frame_before_it_is_turned_and_goes_with_every_picture(
    program, technician, micrometer, tmp_path, how
):
    path, name = micrometer
    apart = "0.08" if how[0] == "--marks" else "0.01"

    ended = technician("devices", "calibrate", "spacing", name, "--apart-mm", apart, *how, "--json")
    image, pixels = captured(program, name, tmp_path / "o")

    assert ended.answer["spacing_mm"] == pytest.approx([0.00016, 0.00016], rel=0.002)
    assert image["spacing_mm"] == ended.answer["spacing_mm"]
    assert image["calibration"]["spacing"] == profile_from(path).spacing_measured.isoformat()
    assert pixels.shape == (640, 480, 3)


def test_a_device_that_knows_its_own_scale_is_not_measured(technician, bench):
    ended = technician(
        "devices", "calibrate", "spacing", f"{bench}:7", "--apart-mm", "1",
        "--marks", "0,0,100,0", "--json",
    )  # fmt: skip

    assert (ended.status, ended.answer["error"]["code"]) == (1, "DEV-001")
    assert "The device itself says 8e-05 mm a pixel" in ended.answer["error"]["what"]
    assert "spacing" not in bench.read_text()


def test_pictures_that_were_sent_are_not_used_up_for_measuring(technician, tmp_path):
    site = a_site(tmp_path / "site", a_peer(plain=True))
    fill(site, PLAIN)
    profile = tmp_path / "received.toml"
    profile.write_text('kind = "dicom"\n')
    ended = technician("devices", "calibrate", "light", f"{profile}:{site.settings}", "--json")

    assert (ended.status, ended.answer["error"]["code"]) == (1, "DEV-001")
    assert "its patients'" in ended.answer["error"]["what"]
    assert list((site.spool / "delivered").iterdir()) == []


def test_a_device_without_a_profile_is_told_where_a_calibration_is_kept(technician):
    ended = technician("devices", "calibrate", "light", "microscope:7", "--json")

    assert (ended.status, ended.answer["error"]["code"]) == (1, "DEV-003")
    assert "profile" in ended.answer["error"]["remedy"]


@pytest.mark.parametrize("marks", ["1,2,3", "a,b,c,d", ""])
def test_marks_that_are_no_two_places_are_refused_before_the_device_is_taken(
    technician, micrometer, marks
):
    options = ("--apart-mm", "1", "--marks", marks)

    assert technician("devices", "calibrate", "spacing", micrometer[1], *options).status == 2


def test_nobody_calibrates_without_an_account_that_may(program, bench, monkeypatch):
    before = bench.read_bytes()
    operator = lets_in(monkeypatch, program.home / "data", Role.OPERATOR)
    asked = ("devices", "calibrate", "light", f"{bench}:7", "--json")

    nobody, refused = program(*asked), program(*asked, who=operator)

    assert (nobody.status, nobody.answer["error"]["code"]) == (1, "KEY-001")
    assert (refused.status, refused.answer["error"]["code"]) == (1, "ACC-001")
    assert bench.read_bytes() == before
