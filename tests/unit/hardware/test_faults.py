"""The script of faults does what it says, at the frames that it names."""

import pytest

from edge_app.domain.error import ScannerUnavailableError
from hardware.simulated.faults import OTHER, SLOW_S, FaultyScanner, script_from
from hardware.simulated.microscope import SimulatedMicroscope
from tests.contract.test_scanner import SteppedClock


def played(n_frames, **faults):
    """Return what each of the first frames came to: a frame, or the error."""
    clock = SteppedClock()
    sound = SimulatedMicroscope(clock, 3, sleep=clock.sleep)
    script = script_from({name.replace("_", " "): frames for name, frames in faults.items()})
    came = []
    with FaultyScanner(sound, script, clock, sleep=clock.sleep).open() as device:
        for _ in range(n_frames):
            try:
                came.append(device.frame())
            except ScannerUnavailableError as error:
                came.append(error)
    return came


def test_an_unplugged_device_is_back_after_the_last_frame_of_its_fault():
    came = played(6, unplug="2-3, 5")

    assert [isinstance(x, ScannerUnavailableError) for x in came] == [
        False, True, True, False, True, False,
    ]  # fmt: skip
    assert [x.sequence for x in came if not isinstance(x, Exception)] == [1, 2, 3]


def test_a_short_frame_is_marked_and_the_call_after_it_raises():
    first, cut, gone, back = played(4, short_frame="2")

    assert (first.is_partial, cut.is_partial, back.is_partial) == (False, True, False)
    assert (cut.pixels[-100:] == 0).all()
    assert isinstance(gone, ScannerUnavailableError)


def test_a_frozen_picture_has_new_numbers_and_times_and_the_same_pixels():
    came = played(5, frozen_picture="3-4")

    assert [x.sequence for x in came] == [1, 2, 3, 4, 5]
    times = [x.monotonic_ns for x in came]
    assert times == sorted(set(times))
    assert came[1].hash == came[2].hash == came[3].hash
    assert len({x.hash for x in came}) == 3


def test_a_rate_that_drops_takes_its_time_and_one_that_runs_away_takes_none():
    slow, swift = played(6, rate_drop="3-"), played(30, rate_runaway="3-")

    assert slow[5].monotonic_ns - slow[2].monotonic_ns >= 3 * SLOW_S * 1e9
    assert swift[29].monotonic_ns - swift[3].monotonic_ns < 1e6
    assert len({x.hash for x in swift}) == 30


def test_a_changed_resolution_and_a_swapped_device_are_what_they_say():
    _, small = played(2, resolution_change="2")
    first, other = played(2, swapped_device="2")

    assert (small.width, small.height) == (320, 240)
    assert other.device_id == first.device_id + OTHER


@pytest.mark.parametrize("frames", ["", "x", "5-x", "-5", "1.5"])
def test_frames_that_mean_nothing_are_refused(frames):
    with pytest.raises(ScannerUnavailableError, match="cannot be at frames"):
        script_from({"unplug": frames})


def test_a_fault_that_is_not_known_is_refused_with_those_that_are():
    with pytest.raises(ScannerUnavailableError) as refused:
        script_from({"coffee": "5"})

    assert "frozen picture" in refused.value.remedy
