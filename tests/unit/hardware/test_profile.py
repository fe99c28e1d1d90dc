"""A device profile is kept to the letter, or the device is refused."""

from dataclasses import replace
from datetime import datetime, timezone

import numpy as np
import pytest

from edge_app.compose.devices import scanners
from edge_app.domain.error import ScannerUnavailableError
from edge_app.domain.image import CapturedImage, Deep
from hardware.catalogue import scanner
from hardware.lent import Surroundings
from hardware.profile import DeviceProfile, ProfiledScanner, as_profiled, profile_from
from hardware.simulated.microscope import SimulatedMicroscope
from tests.contract.test_scanner import SteppedClock, decoded


def a_profile(folder, text):
    path = folder / "model.toml"
    path.write_text(text)
    return path


def a_microscope(**profile):
    clock = SteppedClock()
    device = SimulatedMicroscope(clock, 3, sleep=clock.sleep)
    return ProfiledScanner(device, DeviceProfile("microscope", **profile))


def an_image(spacing_mm=None):
    pixels = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    return CapturedImage(pixels, "d", 1, datetime.now(timezone.utc), 1, spacing_mm)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "kind"),
        ('kind = "microscope"\nspeed = 3', "speed"),
        ('kind = "microscope"\nturned = 45', "turned"),
        ('kind = "microscope"\nspacing_mm = [0.0, 1.0]', "spacing_mm"),
        ('kind = "microscope"\nframe_s = 1e9', "frame_s"),
        ('kind = "microscope"\nlocked = ["lamp"]', "lamp"),
        ("kind = ", "not valid"),
        ("x" * 70_000, "64 KiB"),
    ],
)
def test_a_profile_that_is_not_valid_is_refused_with_the_field(tmp_path, text, why):
    with pytest.raises(ScannerUnavailableError, match=why):
        profile_from(a_profile(tmp_path, text))


def test_a_profile_that_is_not_there_or_no_text_is_refused(tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")

    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "bytes.toml"):
        with pytest.raises(ScannerUnavailableError):
            profile_from(path)


def test_the_device_stands_as_the_profile_says_whenever_it_is_taken():
    device = a_microscope(settings={"focus": 2.5})
    for _ in range(2):
        with device.open() as opened:
            assert {k.name: k.value for k in opened.controls()}["focus"] == 2.5
            opened.adjust("focus", -1.0)


def test_a_locked_knob_is_not_shown_and_cannot_be_turned():
    with a_microscope(settings={"lamp": 80.0}, locked=("lamp",)).open() as opened:
        assert "lamp" not in {knob.name for knob in opened.controls()}
        with pytest.raises(ScannerUnavailableError, match="locked"):
            opened.adjust("lamp", 100.0)


@pytest.mark.parametrize("settings", [{"coffee": 1.0}, {"lamp": 1e6}, {"lamp": float("nan")}])
def test_a_setting_that_the_device_cannot_take_refuses_the_device(settings):
    device = a_microscope(settings=settings)

    with pytest.raises(ScannerUnavailableError, match=next(iter(settings))), device.open():
        pass


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_frames_are_mirrored_and_then_turned_clockwise(turned, mirrored):
    image = an_image((0.1, 0.2))
    shown = as_profiled(image, DeviceProfile("x", mirrored=mirrored, turned=turned))

    want = np.fliplr(image.pixels) if mirrored else image.pixels
    for _ in range(turned // 90):
        want = want[::-1].transpose(1, 0, 2)  # a quarter clockwise
    assert np.array_equal(shown.pixels, want)
    assert shown.spacing_mm == ((0.1, 0.2) if turned in {0, 180} else (0.2, 0.1))
    assert (shown.hash == image.hash) == (turned == 0 and not mirrored)


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_picture_in_its_own_depth_is_turned_and_mirrored_with_the_one_that_is_shown(
    turned, mirrored
):
    image = an_image((0.1, 0.2))
    deep = Deep(image.pixels[..., 0].astype(np.uint16) * 200)
    shown = as_profiled(
        replace(image, deep=deep), DeviceProfile("x", mirrored=mirrored, turned=turned)
    )

    assert np.array_equal(shown.deep.numbers, shown.pixels[..., 0].astype(np.uint16) * 200)


def test_colour_is_put_right():
    image = an_image()
    swapped = as_profiled(image, DeviceProfile("x", colour="bgr")).pixels
    grey = as_profiled(image, DeviceProfile("x", colour="grey")).pixels

    assert np.array_equal(swapped, image.pixels[..., ::-1])
    assert np.array_equal(grey, np.repeat(image.pixels[..., 1:2], 3, axis=2))


def test_the_profile_gives_the_spacing_where_the_device_knows_none():
    assert as_profiled(an_image(), DeviceProfile("x", spacing_mm=(0.3, 0.4))).spacing_mm == (
        0.3,
        0.4,
    )


def test_two_spacings_that_disagree_are_refused_and_none_is_guessed():
    with pytest.raises(ScannerUnavailableError, match="mm a pixel"):
        as_profiled(an_image((0.1, 0.1)), DeviceProfile("x", spacing_mm=(0.2, 0.1)))


def test_choices_in_words_are_refused_by_a_driver_that_takes_none():
    with pytest.raises(ScannerUnavailableError, match="no choices"):
        scanner("replay", ".", Surroundings(SteppedClock(), decoded, {"mode": "Gray"}))


def test_the_file_of_a_profile_names_a_device_in_its_own_process(tmp_path):
    path = a_profile(
        tmp_path,
        'kind = "microscope"\nname = "Bench 3"\nturned = 90\nlocked = ["lamp"]\n'
        "[settings]\nlamp = 90\n",
    )
    (device,) = scanners([f"{path}:7"])

    assert device.info().name == "Bench 3"
    with device.open() as opened:
        frame = opened.frame()
        assert (frame.width, frame.height) == (480, 640)
        with pytest.raises(ScannerUnavailableError, match="locked"):
            opened.adjust("lamp", 100.0)
        assert opened.frame().sequence == 2


def test_a_frame_that_takes_longer_than_the_profile_allows_is_given_up(tmp_path):
    path = a_profile(tmp_path, 'kind = "microscope"\nframe_s = 0.0001\n')
    (device,) = scanners([f"{path}:7"])

    with device.open() as opened, pytest.raises(ScannerUnavailableError, match="not answer"):
        opened.frame()
