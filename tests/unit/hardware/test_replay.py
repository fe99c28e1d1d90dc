"""A replayed folder loses nothing without saying so."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from edge_app.domain.error import ImageRefusedError, ScannerUnavailableError
from edge_app.ports import DeviceState
from hardware.lent import Frame
from hardware.simulated.replay import OpenReplay, ReplayScanner


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self) -> int:
        return 0


def decoded(path: Path) -> Iterator[Frame]:
    """Yield one frame for each letter of the file, its brightness the letter; "!" is a fault."""
    for letter in path.read_text():
        if letter == "!":
            raise ImageRefusedError("Not an image.", "Choose another file.")
        yield Frame(np.full((4, 4, 3), ord(letter), np.uint8), (0.5, 0.25))


def a_replay(folder: Path, **contents: str) -> ReplayScanner:
    folder.mkdir(exist_ok=True)
    for name, text in contents.items():
        (folder / name).write_text(text)
    return ReplayScanner(folder, decoded, StoppedClock())


def played(device: OpenReplay) -> str:
    """Return the letters until the folder has no more to give."""
    return "".join(chr(frame.pixels[0, 0, 0]) for frame in iter(device.frame, None))


def test_files_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    with a_replay(tmp_path, c="3", a="1", b="2").open() as device:
        assert played(device) == "123"


def test_a_file_of_many_frames_gives_them_all(tmp_path: Path) -> None:
    with a_replay(tmp_path, a="12", b="3").open() as device:
        assert played(device) == "123"


def test_after_the_last_file_there_are_no_more_frames(tmp_path: Path) -> None:
    with a_replay(tmp_path, a="1").open() as device:
        device.frame()

        assert device.frame() is None
        assert device.frame() is None


def test_a_refused_file_is_passed_over_and_told(tmp_path: Path) -> None:
    with a_replay(tmp_path, a="1", b="!", c="3").open() as device:
        assert played(device) == "13"

        (refusal,) = device.refused()
        assert refusal.path.name == "b"
        assert isinstance(refusal.error, ImageRefusedError)


def test_a_file_refused_midway_keeps_the_frames_before_the_fault(tmp_path: Path) -> None:
    with a_replay(tmp_path, a="12!4", b="5").open() as device:
        assert played(device) == "125"
        assert len(device.refused()) == 1


def test_a_file_that_went_away_is_told_too(tmp_path: Path) -> None:
    with a_replay(tmp_path, a="1", b="2", c="3").open() as device:
        device.frame()
        (tmp_path / "b").unlink()

        assert played(device) == "3"
        assert [refusal.path.name for refusal in device.refused()] == ["b"]


def test_a_folder_that_vanished_is_an_error_and_not_an_end(tmp_path: Path) -> None:
    folder = tmp_path / "scans"
    with a_replay(folder, a="1", b="2").open() as device:
        device.frame()
        shutil.rmtree(folder)

        with pytest.raises(ScannerUnavailableError):
            device.frame()
        with pytest.raises(ScannerUnavailableError):
            device.frame()


def test_a_folder_that_comes_back_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder, aside = tmp_path / "scans", tmp_path / "aside"
    with a_replay(folder, a="1", b="2", c="3").open() as device:
        device.frame()
        folder.rename(aside)
        with pytest.raises(ScannerUnavailableError):
            device.frame()
        aside.rename(folder)

        assert played(device) == "23"
        assert device.refused() == ()


def test_a_folder_may_vanish_a_hundred_times_and_every_frame_comes_once(tmp_path: Path) -> None:
    folder, aside = tmp_path / "in", tmp_path / "aside"
    letters = "".join(chr(33 + n) for n in range(1, 101))
    seen = ""
    with a_replay(folder, a=letters).open() as device:
        for _ in letters:
            folder.rename(aside)
            with pytest.raises(ScannerUnavailableError):
                device.frame()
            aside.rename(folder)
            seen += chr(device.frame().pixels[0, 0, 0])

    assert seen == letters


def test_a_folder_that_is_not_there_cannot_be_opened(tmp_path: Path) -> None:
    replay = ReplayScanner(tmp_path / "nowhere", decoded, StoppedClock())

    assert replay.info().state is DeviceState.ABSENT
    with pytest.raises(ScannerUnavailableError), replay.open():
        pass
    assert replay.info().state is DeviceState.ABSENT


def test_an_empty_folder_has_no_frames(tmp_path: Path) -> None:
    with a_replay(tmp_path).open() as device:
        assert device.frame() is None


def test_dot_files_and_folders_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / ".hidden").write_text("!")
    with a_replay(tmp_path, a="1").open() as device:
        assert played(device) == "1"
        assert device.refused() == ()


def test_the_id_is_the_same_next_time_and_does_not_show_the_path(tmp_path: Path) -> None:
    folder = tmp_path / "Jane Doe"
    one, other = a_replay(folder).info(), a_replay(folder).info()

    assert one.device_id == other.device_id
    assert "Jane" not in repr(one)
    assert one.device_id != a_replay(tmp_path / "elsewhere").info().device_id


def test_spacing_comes_from_the_file(tmp_path: Path) -> None:
    with a_replay(tmp_path, a="1").open() as device:
        assert device.frame().spacing_mm == (0.5, 0.25)
