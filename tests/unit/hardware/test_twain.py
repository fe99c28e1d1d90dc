"""A scanner through TWAIN, with Windows and the source manager faked at TWAIN's one entry."""

import ctypes
import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_app.compose.clock import SystemClock
from edge_app.compose.devices import listed as listed_devices
from edge_app.compose.site_devices import NO_SITE
from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import DeviceState
from hardware.twain import containers
from hardware.twain import structures as twain
from hardware.twain.bitmap import pixels_of
from hardware.twain.scanner import TwainScanner, attached
from hardware.twain.structures import (
    Capability,
    Condition,
    Container,
    Item,
    Message,
    Topic,
)
from hardware.twain.trouble import TwainError
from tests.twain_wire import (
    NAME,
    FakeScanner,
    FakeWindows,
    bitmap,
    listed,
    one,
    picture,
    ranged,
)

FEEDER = {"source": "Automatic Document Feeder"}


@pytest.fixture
def bed():
    return FakeScanner()


@pytest.fixture
def wire(bed):
    made = FakeWindows(FakeScanner("WIA-Other"), bed)
    yield made
    assert (made.opened, made.is_open, made.memory, made.locked) == (None, False, {}, set())


def a_scanner(wire, choices=None, frame_s=2.0):
    return TwainScanner(NAME, SystemClock(), choices or {}, frame_s, wire.door)


def shows(pages, *numbers):
    """Return whether pages are the scanner's of these numbers, pixel by pixel."""
    return all(
        np.array_equal(page.pixels, picture(number))
        for page, number in zip(pages, numbers, strict=True)
    )


def test_structures_have_the_sizes_that_a_c_program_for_windows_gives_them():
    wide = ctypes.sizeof(ctypes.c_void_p)
    sizes = {
        twain.Version: 42, twain.Identity: 156, twain.Interface: 4 + wide,
        twain.CapabilityCall: 4 + wide, twain.Event: 2 + wide, twain.Status: 4,
        twain.Pending: 6, twain.Fixed: 4, twain.Layout: 28,
    }  # fmt: skip

    assert {kind: ctypes.sizeof(kind) for kind in sizes} == sizes


def test_installed_scanners_are_listed_without_being_taken(wire):
    assert attached(wire.door) == ("WIA-Other", NAME)
    assert (Topic.IDENTITY, Message.OPEN_SOURCE) not in wire.calls
    assert attached(FakeWindows().door) == ()


def test_a_page_on_glass_is_scanned_anew_each_time_and_comes_as_its_pixels(wire, bed):
    with a_scanner(wire).open() as device:
        pages = [device.frame() for _ in range(2)]

    assert [np.array_equal(page.pixels, picture(n + 1)) for n, page in enumerate(pages)] == [
        True
    ] * 2
    assert wire.calls.count((Topic.INTERFACE, Message.ENABLE)) == 2
    assert pages[0].spacing_mm == pytest.approx((25.4 / 300, 25.4 / 300))
    assert wire.n_dispatched == 2  # what is not the source's goes to its window
    assert bed.values[Capability.TRANSFER] == bed.values[Capability.INDICATORS] == 0
    assert bed.values[Capability.PAGES] == 1


def test_what_a_driver_says_waits_on_glass_is_not_taken_for_the_next_page(wire, bed):
    bed.says_more_on_glass = 0xFFFF
    with a_scanner(wire).open() as device:
        device.frame()
        device.frame()

    assert wire.calls.count((Topic.INTERFACE, Message.ENABLE)) == 2


def test_a_feeder_gives_page_after_page_and_then_none(wire, bed):
    bed.pages = 3
    with a_scanner(wire, FEEDER).open() as device:
        pages = [device.frame() for _ in range(3)]
        assert device.frame() is None
        bed.pages = 1
        assert device.frame().sequence == 4

    assert [np.array_equal(page.pixels, picture(n + 1)) for n, page in enumerate(pages)] == [
        True
    ] * 3
    assert (bed.values[Capability.PAGES], bed.values[Capability.AUTO_FEED]) == (-1, 1)
    assert wire.calls.count((Topic.INTERFACE, Message.ENABLE)) == 2


def test_a_feeder_that_does_not_see_its_paper_gives_none_at_its_end_too(wire, bed):
    bed.lacks.add(Capability.FEEDER_LOADED)
    bed.pages = 1
    with a_scanner(wire, FEEDER).open() as device:
        device.frame()
        assert device.frame() is None
        assert device.frame() is None


def test_an_empty_feeder_before_the_first_page_is_told(wire):
    with (
        a_scanner(wire, FEEDER).open() as device,
        pytest.raises(ScannerUnavailableError, match="no paper"),
    ):
        device.frame()


def test_pages_that_wait_when_the_scanner_is_let_go_do_not_come_to_the_next_one(wire, bed):
    bed.pages = 3
    with a_scanner(wire, FEEDER).open() as device:
        device.frame()
    assert bed.state == 3
    with a_scanner(wire).open() as device:
        assert np.array_equal(device.frame().pixels, picture(2))


@pytest.mark.parametrize(
    ("condition", "words"),
    [(Condition.JAMMED, "jammed"), (Condition.COVER_OPEN, "cover is open"),
     (Condition.OFFLINE, "is not there"), (Condition.BUMMER, "reports a fault")],
)  # fmt: skip
@pytest.mark.parametrize(
    "met", [(Topic.NATIVE, Message.GET), (Topic.INTERFACE, Message.ENABLE),
            (Topic.PENDING, Message.END), (Topic.EVENT, Message.PROCESS)],
)  # fmt: skip
def test_a_fault_is_told_in_words_and_the_next_call_scans_again(wire, bed, condition, words, met):
    with a_scanner(wire).open() as device:
        bed.fails[met] = condition
        with pytest.raises(ScannerUnavailableError, match=words):
            device.frame()
        wire.messages.clear()

        assert device.frame().sequence == 1


@pytest.mark.parametrize("how", ["says_close", "answers_cancel"])
def test_a_scan_that_somebody_stops_at_the_scanner_is_told(wire, bed, how):
    with a_scanner(wire).open() as device:
        setattr(bed, how, True)
        with pytest.raises(ScannerUnavailableError, match="was stopped"):
            device.frame()
        setattr(bed, how, False)

        assert device.frame().sequence == 1


def test_a_page_that_does_not_come_in_its_time_is_told(wire, bed):
    with a_scanner(wire, frame_s=0.1).open() as device:
        bed.is_silent = True
        with pytest.raises(ScannerUnavailableError, match="took longer"):
            device.frame()


def test_resolution_and_area_are_knobs_and_reach_the_scanner(wire, bed):
    with a_scanner(wire).open() as device:
        knobs = {knob.name: knob for knob in device.controls()}
        assert (knobs["resolution"].low, knobs["resolution"].high) == (75.0, 1200.0)
        assert knobs["br-x"].high == pytest.approx(8.5 * 25.4)
        device.adjust("resolution", 600.4)
        device.adjust("br-x", 100.0)
        device.adjust("tl-y", 20.0)
        frame = device.frame()

    assert bed.resolution == 600.0
    assert bed.layout == (0.0, 20.0, 100.0, 298.4)
    assert frame.spacing_mm == pytest.approx((25.4 / 600, 25.4 / 600))


def test_a_knob_that_is_turned_while_pages_wait_ends_them_first(wire, bed):
    bed.pages = 3
    with a_scanner(wire, FEEDER).open() as device:
        device.frame()
        device.adjust("resolution", 150.0)
        assert device.frame().spacing_mm == pytest.approx((25.4 / 150, 25.4 / 150))


def test_an_area_of_nothing_is_told(wire):
    with a_scanner(wire).open() as device:
        device.adjust("br-x", 0.0)
        with pytest.raises(ScannerUnavailableError, match="area to be scanned is empty"):
            device.frame()


def test_a_scale_that_the_page_contradicts_is_not_told(wire, bed):
    bed.dpi_said = 200
    with a_scanner(wire).open() as device:
        assert device.frame().spacing_mm is None


def test_a_scanner_without_settings_has_no_knobs_and_no_scale(wire, bed):
    bed.lacks = set(Capability)
    with a_scanner(wire).open() as device:
        assert device.controls() == ()
        assert device.frame().spacing_mm is None


def test_modes_are_set_and_read(wire, bed):
    bed.bits = 8
    with a_scanner(wire, {"mode": "Gray"}).open() as device:
        frame = device.frame()

    assert bed.values[Capability.PIXEL_TYPE] == 1
    assert np.array_equal(frame.pixels, np.repeat(picture(1)[..., :1], 3, axis=2))


@pytest.mark.parametrize(
    ("choices", "words"),
    [({"mode": "Sepia"}, "Choose one of: Lineart, Gray, Color"), ({"lid": "open"}, "source, mode")],
)
def test_a_choice_that_means_nothing_refuses_the_scanner(wire, choices, words):
    with pytest.raises(ScannerUnavailableError, match=words), a_scanner(wire, choices).open():
        pass


def test_a_feeder_that_is_not_there_refuses_the_profile(wire, bed):
    bed.lacks.add(Capability.FEEDER_ENABLED)
    with (
        pytest.raises(ScannerUnavailableError, match="cannot set 'source'"),
        a_scanner(wire, FEEDER).open(),
    ):
        pass


def test_a_scanner_that_is_not_installed_or_in_use_says_so(wire, bed):
    assert a_scanner(wire).info().kind == "twain"
    gone = TwainScanner("Nothing", SystemClock(), {}, wire=wire.door)
    assert gone.info().state is DeviceState.ABSENT
    with pytest.raises(ScannerUnavailableError, match="no scanner of that name"), gone.open():
        pass
    bed.is_taken_by_others = True
    with pytest.raises(ScannerUnavailableError, match="in use"), a_scanner(wire).open():
        pass


@pytest.mark.parametrize("bits", [1, 4, 8, 24, 32])
@pytest.mark.parametrize("is_upright", [False, True])
def test_bitmaps_of_each_depth_are_read(bits, is_upright):
    rgb = picture(5)
    sent = rgb if bits >= 24 else rgb[..., 0] >> (8 - bits)
    said, dpi = pixels_of(bitmap(sent, bits, 300, is_upright=is_upright))

    levels = np.linspace(0, 255, 1 << min(bits, 8)).round().astype(np.uint8)
    wanted = rgb if bits >= 24 else np.repeat(levels[sent][..., None], 3, axis=2)
    assert np.array_equal(said, wanted)
    assert dpi == pytest.approx(300, abs=0.1)


def spoilt(place, form, value):
    content = bytearray(bitmap(picture(1)))
    struct.pack_into(form, content, place, value)
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [b"", bitmap(picture(1))[:-1], spoilt(0, "<I", 12), spoilt(4, "<i", 0), spoilt(4, "<i", -41),
     spoilt(4, "<i", 1 << 30), spoilt(8, "<i", -(1 << 31)), spoilt(12, "<H", 3),
     spoilt(14, "<H", 16), spoilt(16, "<I", 1), spoilt(32, "<I", 257),
     bitmap(np.full((4, 4), 3, np.uint8), 8, used=3)],
    ids=[str(number) for number in range(12)],
)  # fmt: skip
def test_a_bitmap_that_is_not_whole_or_not_understood_is_refused(content):
    with pytest.raises(ScannerUnavailableError, match="cannot be read"):
        pixels_of(content)


@given(
    places=st.dictionaries(st.integers(0, 55), st.integers(0, 255), max_size=8),
    length=st.integers(0, 200),
    bits=st.sampled_from([1, 4, 8, 24, 32]),
)
@settings(max_examples=300, deadline=None)
def test_a_spoilt_bitmap_is_read_or_refused_and_nothing_else(places, length, bits):
    small = picture(1)[:4, :5]
    content = bytearray(bitmap(small if bits >= 24 else small[..., 0] >> (8 - bits), bits))
    for place, value in places.items():
        content[place] = value
    try:
        pixels, _ = pixels_of(bytes(content[: len(content) - length]))
    except ScannerUnavailableError:
        return
    assert pixels.shape[2] == 3
    assert pixels.dtype == np.uint8


@given(st.sampled_from([3, 4, 5, 6, 7]), st.binary(max_size=40))
@settings(max_examples=300, deadline=None)
def test_spoilt_values_are_read_or_a_fault_and_nothing_else(container, content):
    try:
        said = containers.read(container, content)
    except TwainError:
        return
    assert said.low <= said.nearest(said.current) <= said.high


def test_each_form_of_values_is_read():
    enumeration = containers.read(Container.ENUMERATION, listed(Item.FIX32, [75.0, 300.5], 300.5))
    assert (enumeration.current, enumeration.low, enumeration.high) == (300.5, 75.0, 300.5)
    assert enumeration.nearest(170) == 75.0
    a_range = containers.read(Container.RANGE, ranged(Item.FIX32, 50.0, 99.0, 10.0, 60.0))
    assert (a_range.high, a_range.nearest(1e9), a_range.nearest(64)) == (90.0, 90.0, 60.0)
    assert containers.read(Container.ONE, one(Item.INT16, -1)).current == -1.0
    array = struct.pack("<HIHH", Item.UINT16, 2, 5, 9)
    assert containers.read(Container.ARRAY, array).values == (5.0, 9.0)


@pytest.mark.parametrize(
    ("container", "content"),
    [(Container.ONE, b"\4"), (Container.ONE, struct.pack("<HI", 99, 1)), (9, one(Item.BOOL, 1)),
     (Container.ENUMERATION, struct.pack("<HIII", Item.UINT16, 3, 0, 0) + b"\1\0"),
     (Container.ENUMERATION, struct.pack("<HIII", Item.UINT16, 1 << 31, 0, 0)),
     (Container.ENUMERATION, struct.pack("<HIII", Item.UINT16, 1, 7, 0) + b"\1\0"),
     (Container.RANGE, ranged(Item.FIX32, 90.0, 50.0, 1.0, 60.0))],
)  # fmt: skip
def test_values_that_make_no_sense_are_a_fault_of_the_driver(container, content):
    with pytest.raises(TwainError):
        containers.read(container, content)


@pytest.mark.skipif(sys.platform == "win32", reason="there TWAIN may be installed")
def test_where_there_is_no_windows_the_devices_process_says_so_and_nothing_is_found():
    assert attached() == ()
    said = listed_devices([f"twain:{NAME}"], NO_SITE).failed[f"twain:{NAME}"]

    assert said.what == "TWAIN needs Windows, and this computer does not run it."
