"""What the SANE driver makes of what a scanner says, without a scanner."""

import threading
import time
from itertools import permutations

import numpy as np
import pytest

from edge_app.domain.error import ScannerUnavailableError
from hardware.sane import backends, page, places
from hardware.sane.knobs import Scale, nearest
from hardware.sane.library import Frame, Option, Parameters, ValueType
from hardware.sane.line import End, Line, StuckError, waited_for
from hardware.sane.status import Status, refusal

FAULTS = [status for status in Status if status is not Status.GOOD]


def said_of(frame, stride, width, lines, depth):
    return Parameters(frame, is_last=True, bytes_per_line=stride, pixels_per_line=width,
                      lines=lines, depth=depth)  # fmt: skip


def a_pass(frame, rows, *, width=2, lines=3, depth=8, stride=0):
    wanted = (width * (3 if frame is Frame.RGB else 1) * depth + 7) // 8
    said = said_of(frame, stride or wanted, width, lines, depth)
    return page.Pass(said, bytearray(rows))


def test_each_of_the_eleven_faults_has_a_sentence_and_a_remedy_of_its_own():
    told = [refusal(status) for status in FAULTS]

    assert len(FAULTS) == 11
    assert len({error.what for error in told}) == 11
    assert all(error.what.endswith(".") and error.remedy.endswith(".") for error in told)


def test_a_page_holds_only_rows_that_came_whole():
    cut = [a_pass(Frame.GREY, range(5))]

    assert (page.whole_rows(cut), page.is_whole(cut)) == (2, False)
    assert page.picture(cut)[..., 1].tolist() == [[0, 1], [2, 3]]


def test_rows_beyond_those_promised_are_left_out():
    assert page.picture([a_pass(Frame.GREY, range(10))]).shape == (3, 2, 3)


def test_a_hand_scanner_promises_no_rows_and_none_at_all_is_no_page():
    assert page.is_whole([a_pass(Frame.GREY, range(8), lines=-1)])
    assert not page.is_whole([a_pass(Frame.GREY, b"", lines=-1)])


def test_the_end_of_a_line_that_holds_no_pixels_is_cut_off():
    padded = a_pass(Frame.GREY, [1, 2, 9, 9, 3, 4, 9, 9], lines=2, stride=4)

    assert page.picture([padded])[..., 0].tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("order", list(permutations([Frame.RED, Frame.GREEN, Frame.BLUE])))
def test_three_passes_make_one_colour_page_in_any_order(order):
    passes = [a_pass(frame, [frame * 10] * 6) for frame in order]

    assert page.is_whole(passes)
    assert (page.picture(passes) == [20, 30, 40]).all()


def test_of_three_passes_only_rows_with_every_colour_are_kept():
    passes = [a_pass(Frame.RED, [1] * 6), a_pass(Frame.GREEN, [2] * 6)]
    assert page.whole_rows(passes) == 0

    passes.append(a_pass(Frame.BLUE, [3] * 3))
    assert (page.whole_rows(passes), page.is_whole(passes)) == (1, False)


def test_sixteen_bits_fall_on_the_nearest_of_eight():
    levels = np.array([0, 128, 129, 257, 65406, 65407, 65535], np.uint16)
    taken = a_pass(Frame.GREY, levels.tobytes(), width=7, lines=1, depth=16)

    assert page.picture([taken])[0, :, 0].tolist() == [0, 0, 1, 1, 254, 255, 255]


def test_a_grey_page_of_sixteen_bits_keeps_every_level_of_the_rows_that_came_whole():
    levels = np.arange(0, 7 * 9000, 9000, np.uint16).tobytes() + b"\0\0"  # rows are padded
    taken = a_pass(Frame.GREY, levels * 2 + b"\1" * 5, width=7, lines=3, depth=16, stride=16)
    deep = page.deep([taken])

    assert deep.numbers.tolist() == [list(range(0, 7 * 9000, 9000))] * 2
    assert page.picture([taken]).shape == (2, 7, 3)


def test_colour_and_eight_bits_have_no_other_depth():
    colours = a_pass(Frame.RGB, bytes(7 * 6), width=7, lines=1, depth=16)
    grey = a_pass(Frame.GREY, bytes(7), width=7, lines=1, depth=8)

    assert page.deep([colours]) is None
    assert page.deep([grey]) is None


def test_of_one_bit_the_highest_is_left_and_one_is_black():
    taken = a_pass(Frame.GREY, [0b10100000], width=3, lines=1, depth=1)

    assert page.picture([taken])[0, :, 0].tolist() == [0, 255, 0]


@pytest.mark.parametrize(
    "said",
    [
        said_of(Frame.GREY, 10, 20, 5, 8),
        said_of(Frame.GREY, 10, 10, 0, 8),
        said_of(Frame.GREY, 10, 0, 5, 8),
        said_of(Frame.GREY, 10, 10, -2, 8),
        said_of(Frame.GREY, 10, 10, 5, 12),
        said_of(Frame.RGB, 30, 10, 5, 1),
        said_of(9, 10, 10, 5, 8),
        said_of(Frame.GREY, 1 << 20, 1 << 20, 1 << 20, 8),
    ],
)
def test_sizes_that_cannot_be_are_refused_before_any_memory_is_given(said):
    with pytest.raises(ScannerUnavailableError):
        page.ensure_possible(said, [])


def test_a_pass_that_does_not_fit_the_one_before_is_refused():
    red, wider = a_pass(Frame.RED, b""), a_pass(Frame.GREEN, b"", width=3)
    for said in (wider.said, red.said, a_pass(Frame.GREY, b"").said):
        with pytest.raises(ScannerUnavailableError, match="passes"):
            page.ensure_possible(said, [red])


@pytest.mark.parametrize(
    ("value", "taken"), [(337, 300), (-1, 75), (1e9, 600), (float("inf"), 600), (200, 300)]
)
def test_a_knob_with_a_list_takes_the_nearest_of_it(value, taken):
    option = Option(1, "r", ValueType.INT, 4, 4, 75, 600, numbers=(75, 300, 600))

    assert nearest(option, value) == taken


@pytest.mark.parametrize(("value", "taken"), [(5, 4), (7.1, 8), (9.9, 9), (-9, 0), (2, 2)])
def test_a_knob_with_steps_takes_the_nearest_and_never_leaves_its_range(value, taken):
    option = Option(1, "x", ValueType.FIXED, 3, 4, 0, 9, step=2)

    assert nearest(option, value) == pytest.approx(taken)


def test_a_spacing_that_the_width_of_the_area_contradicts_is_not_told():
    scale = Scale(across_dpi=254, down_dpi=508, width_mm=100)

    assert scale.spacing_mm(1000) == pytest.approx((0.05, 0.1))
    assert scale.spacing_mm(985) == pytest.approx((0.05, 0.1))
    assert scale.spacing_mm(500) is None
    assert Scale(254, 254, None).spacing_mm(7) == pytest.approx((0.1, 0.1))


def a_usb_device(folder, socket, number, serial=""):
    device = folder / socket
    device.mkdir()
    said = {"busnum": "1", "devnum": number, "idVendor": "04a9", "idProduct": "190d"}
    for name, line in {**said, **({"serial": serial} if serial else {})}.items():
        (device / name).write_text(f"{line}\n")
    return device


def test_a_usb_scanner_keeps_its_place_when_it_is_plugged_in_again(tmp_path):
    device = a_usb_device(tmp_path, "1-4", "4", "KJ 77/01")
    place = places.steady("genesys:libusb:001:004", tmp_path)
    assert place == "genesys:usb-04a9-190d-KJ-77-01"
    (device / "devnum").write_text("9")
    assert places.name_today(place, tmp_path) == "genesys:libusb:001:009"
    (device / "serial").write_text("another")

    assert places.name_today(place, tmp_path) is None


def test_a_usb_scanner_without_a_serial_number_is_known_by_its_socket(tmp_path):
    a_usb_device(tmp_path, "1-4.2", "4")
    a_usb_device(tmp_path, "1-4.3", "5")

    place = places.steady("pixma:libusb:001:005", tmp_path)
    assert place == "pixma:usb-04a9-190d-at-1-4.3"
    assert places.name_today(place, tmp_path) == "pixma:libusb:001:005"


@pytest.mark.parametrize("name", ["test:0", "pixma:04A9_1F", "net:10.0.0.1:genesys:usb:1"])
def test_a_name_that_does_not_change_is_its_own_place(name, tmp_path):
    assert places.steady(name, tmp_path) == places.name_today(name, tmp_path) == name


@pytest.mark.parametrize(
    ("place", "host"),
    [("net:10.1.2.3:test:0", "10.1.2.3"), ("net:[fe80::1]:test:0", "[fe80::1]")],
)
def test_the_host_of_a_network_place_is_told(place, host):
    assert places.host(place) == host


def a_configuration(folder, monkeypatch):
    (folder / "dll.d").mkdir()
    (folder / "dll.conf").write_text("# none of these\nnet\ngenesys # one of these\n\nv4l\n")
    (folder / "dll.d" / "more").write_text("airscan\nbrother4\n")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))


def test_what_looks_around_in_the_network_or_is_no_scanner_is_not_asked(tmp_path, monkeypatch):
    a_configuration(tmp_path, monkeypatch)

    assert backends.looked_for() == ("genesys", "brother4")


def test_sane_then_knows_only_the_back_ends_that_are_asked(tmp_path, monkeypatch):
    a_configuration(tmp_path, monkeypatch)

    with backends.only(["genesys"]):
        assert list(backends._installed(backends._folders())) == ["genesys"]


def test_a_call_that_does_not_come_back_is_given_up_and_so_is_its_line():
    line, gate = Line(), threading.Event()
    with pytest.raises(StuckError):
        line.ask(gate.wait, 0.05)

    assert line.is_stuck
    with pytest.raises(StuckError):
        line.ask(lambda: 1, 1.0)
    gate.set()


def test_what_a_call_raises_reaches_whoever_asked():
    line = Line()
    with pytest.raises(TimeoutError, match="mine"):
        line.ask(lambda: (_ for _ in ()).throw(TimeoutError("mine")), 1.0)

    assert line.ask(lambda: 7, 1.0) == 7
    line.hang_up()


def test_a_page_that_stands_still_is_told_from_one_that_is_slow():
    gate, moved = threading.Event(), iter(range(1, 1000))
    line = Line()
    answer = line.begin(lambda: gate.wait() and None)
    soon = time.monotonic() + 0.4

    assert waited_for(answer, lambda: 5, 0.1, soon) is End.STALLED
    assert waited_for(answer, lambda: next(moved), 0.1, time.monotonic() + 0.3) is End.LATE
    assert waited_for(answer, lambda: 0, 0.01, time.monotonic() + 0.2) is End.STALLED
    gate.set()
    assert waited_for(answer, lambda: 0, 0.1, time.monotonic() + 5) is End.OVER
    line.hang_up()
