"""A watched folder takes each new picture whole and once, and nothing else."""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from edge_app.domain.error import NothingYetError, ScannerUnavailableError
from edge_app.exchange.pictures import read_frames
from edge_app.ports import DeviceState
from hardware.lent import Frame
from hardware.simulated.dicom_files import shipped
from hardware.watch_folder.scanner import WatchChoices, WatchFolderScanner, choices_from
from tests.contract.test_scanner import SteppedClock

SIZE = (48, 64, 3)


def decoded(path):
    for frame in read_frames(path):
        yield Frame(frame.pixels, frame.spacing_mm, frame.deep)


def pixels(seed):
    return np.random.default_rng(seed).integers(0, 255, SIZE).astype(np.uint8)


def encoded(seed, suffix=".png"):
    return cv2.imencode(suffix, pixels(seed)[..., ::-1])[1].tobytes()


def a_clip():
    return shipped("examples_ybr_color.dcm").read_bytes()


def a_watcher(folder, *, decode=decoded, **choices):
    clock = SteppedClock()
    return WatchFolderScanner(folder, decode, clock, WatchChoices(**choices), sleep=clock.sleep)


def nothing_of(device):
    """Return what the device says while it has nothing; two calls, so that files can settle."""
    for _ in range(2):
        with pytest.raises(NothingYetError) as told:
            device.frame()
    return told.value.what


def test_a_file_that_was_dropped_comes_as_its_pixels_and_stays_where_it_is(tmp_path):
    with a_watcher(tmp_path).open() as device:
        assert nothing_of(device) == "No new picture has come yet."
        (tmp_path / "a.png").write_bytes(encoded(1))

        assert (device.frame().pixels == pixels(1)).all()
        assert (tmp_path / "a.png").read_bytes() == encoded(1)
        assert nothing_of(device) == "No new picture has come yet."


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".PNG"])
def test_each_kind_of_picture_is_taken(tmp_path, suffix):
    with a_watcher(tmp_path).open() as device:
        (tmp_path / f"a{suffix}").write_bytes(encoded(1, suffix.lower()))

        assert device.frame().pixels.shape == SIZE


def test_a_dicom_clip_without_a_suffix_comes_frame_by_frame(tmp_path):
    with a_watcher(tmp_path).open() as device:
        (tmp_path / "IM000001").write_bytes(a_clip())
        frames = [device.frame() for _ in range(30)]

        assert [frame.sequence for frame in frames] == list(range(1, 31))
        assert "No new picture" in nothing_of(device)


def test_a_file_from_before_is_not_taken_and_told(tmp_path):
    (tmp_path / "old.png").write_bytes(encoded(1))
    with a_watcher(tmp_path).open() as device:
        assert "There before the folder was opened: 1. Not taken." in nothing_of(device)


def test_a_file_from_before_is_taken_where_the_profile_says_so(tmp_path):
    (tmp_path / "old.png").write_bytes(encoded(1))
    with a_watcher(tmp_path, takes_before=True).open() as device:
        assert (device.frame().pixels == pixels(1)).all()


def test_an_old_file_that_is_touched_or_copied_is_still_old(tmp_path):
    (tmp_path / "old.png").write_bytes(encoded(1))
    with a_watcher(tmp_path).open() as device:
        os.utime(tmp_path / "old.png", (1, 1))
        (tmp_path / "copy.png").write_bytes(encoded(1))

        assert "The same as a picture before: 2. Not taken." in nothing_of(device)


def test_a_file_that_is_written_over_counts_again_only_with_new_content(tmp_path):
    path = tmp_path / "image.png"
    path.write_bytes(encoded(1))
    with a_watcher(tmp_path).open() as device:
        path.write_bytes(encoded(2))
        assert (device.frame().pixels == pixels(2)).all()
        path.write_bytes(encoded(2))
        os.utime(path, (7, 7))
        assert "The same as a picture before: 1." in nothing_of(device)
        path.write_bytes(encoded(3))
        assert (device.frame().pixels == pixels(3)).all()


def test_a_large_old_file_that_changes_is_not_taken_for_new_on_its_time_alone(tmp_path):
    large = tmp_path / "old.png"
    large.touch()
    os.truncate(large, 65 << 20)  # more than what is read at opening
    with a_watcher(tmp_path).open() as device:
        os.utime(large, (7, 7))

        assert "Changed, and perhaps old: 1. Not taken." in nothing_of(device)


def test_a_file_is_not_read_while_it_grows(tmp_path):
    content = encoded(1)
    read = []

    def watched(path):
        read.append(path.stat().st_size)
        return decoded(path)

    clock = SteppedClock()
    parts = iter(np.array_split(np.frombuffer(content, np.uint8), 8))

    def sleep(seconds):
        clock.sleep(seconds)
        part = next(parts, None)
        if part is not None:
            with (tmp_path / "a.png").open("ab") as file:
                file.write(part.tobytes())

    scanner = WatchFolderScanner(tmp_path, watched, clock, WatchChoices(), sleep=sleep)
    with scanner.open() as device:
        with pytest.raises(NothingYetError, match="Still being written: 1"):
            device.frame()
        with pytest.raises(NothingYetError):
            device.frame()
        assert (device.frame().pixels == pixels(1)).all()

    assert read == [len(content)]


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of cut files
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".dcm"])
@pytest.mark.parametrize("share", np.linspace(0.02, 0.995, 12).round(3))
def test_a_truncated_file_is_told_kept_and_never_taken_in_part(tmp_path, suffix, share):
    content = a_clip() if suffix == ".dcm" else encoded(1, suffix)
    with a_watcher(tmp_path).open() as device:
        (tmp_path / f"a{suffix}").write_bytes(content[: int(len(content) * share)])
        said = nothing_of(device)

    assert "Cut off, damaged or no picture: 1. Not taken; left where it is." in said
    assert (tmp_path / f"a{suffix}").exists()


def test_a_truncated_file_that_becomes_whole_later_is_taken(tmp_path):
    with a_watcher(tmp_path).open() as device:
        (tmp_path / "a.png").write_bytes(encoded(1)[:500])
        assert "Cut off" in nothing_of(device)
        (tmp_path / "a.png").write_bytes(encoded(1))

        assert (device.frame().pixels == pixels(1)).all()
        assert "Cut off" not in nothing_of(device)


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path):
    later = iter([encoded(2)])

    def overtaken(path):
        frames = list(decoded(path))
        path.write_bytes(next(later, path.read_bytes()))
        os.utime(path, (7, 7))
        return iter(frames)

    with a_watcher(tmp_path, decode=overtaken).open() as device:
        (tmp_path / "a.png").write_bytes(encoded(1))
        with pytest.raises(NothingYetError, match="Still being written: 1"):
            device.frame()
        assert (device.frame().pixels == pixels(2)).all()


def test_a_broken_file_does_not_hold_up_the_ones_after_it(tmp_path):
    with a_watcher(tmp_path).open() as device:
        (tmp_path / "a.png").write_bytes(b"no picture")
        (tmp_path / "b.png").write_bytes(encoded(2))

        assert (device.frame().pixels == pixels(2)).all()
        assert "Cut off, damaged or no picture: 1." in nothing_of(device)


def test_of_many_files_none_is_lost_and_the_oldest_comes_first(tmp_path):
    with a_watcher(tmp_path).open() as device:
        for seed in (3, 1, 2):
            (tmp_path / f"{seed}.png").write_bytes(encoded(seed))
            os.utime(tmp_path / f"{seed}.png", (seed, seed))
        frames = [device.frame().pixels for _ in range(3)]

        assert [(f == pixels(n)).all() for n, f in enumerate(frames, 1)] == [True] * 3


def test_a_share_that_vanishes_is_told_and_comes_back_by_itself_without_old_pictures(tmp_path):
    folder, away = tmp_path / "share", tmp_path / "away"
    folder.mkdir()
    (folder / "old.png").write_bytes(encoded(1))
    with a_watcher(folder).open() as device:
        (folder / "a.png").write_bytes(encoded(2))
        device.frame()
        folder.rename(away)
        with pytest.raises(ScannerUnavailableError, match="folder of the device is not there"):
            device.frame()
        (away / "made meanwhile.png").write_bytes(encoded(3))
        away.rename(folder)

        assert (device.frame().pixels == pixels(3)).all()
        assert "No new picture" in nothing_of(device)


def test_a_share_may_vanish_a_hundred_times_and_each_picture_comes_once(tmp_path):
    folder, away = tmp_path / "share", tmp_path / "away"
    folder.mkdir()
    with a_watcher(folder).open() as device:
        for cycle in range(100):
            folder.rename(away)
            with pytest.raises(ScannerUnavailableError, match="is not there"):
                device.frame()
            (away / f"{cycle}.png").write_bytes(encoded(cycle))
            away.rename(folder)

            assert (device.frame().pixels == pixels(cycle)).all()
        assert "No new picture" in nothing_of(device)


def test_a_mount_that_falls_off_and_leaves_an_empty_folder_brings_back_no_old_pictures(tmp_path):
    folder, away = tmp_path / "share", tmp_path / "away"
    folder.mkdir()
    (folder / "old.png").write_bytes(encoded(1))
    with a_watcher(folder).open() as device:
        folder.rename(away)
        folder.mkdir()
        assert "No new picture" in nothing_of(device)
        folder.rmdir()
        away.rename(folder)

        assert "No new picture" in nothing_of(device)


def test_a_file_that_could_not_be_read_when_the_share_broke_is_read_again(tmp_path):
    folder, away = tmp_path / "share", tmp_path / "away"
    folder.mkdir()
    fails = iter([True])

    def flaky(path):
        if next(fails, False):
            raise OSError(112, "Host is down")
        return decoded(path)

    with a_watcher(folder, decode=flaky).open() as device:
        (folder / "a.png").write_bytes(encoded(1))
        nothing_of(device)
        folder.rename(away)
        with pytest.raises(ScannerUnavailableError):
            device.frame()
        away.rename(folder)

        assert (device.frame().pixels == pixels(1)).all()


def test_what_is_no_picture_by_its_name_a_folder_and_a_link_are_left_out(tmp_path):
    outside = tmp_path / "outside.png"
    outside.write_bytes(encoded(9))
    folder = tmp_path / "in"
    folder.mkdir()
    with a_watcher(folder).open() as device:
        (folder / "Thumbs.db").write_bytes(b"x")
        (folder / ".a.png").write_bytes(encoded(1))
        (folder / "folder.png").mkdir()
        (folder / "link.png").symlink_to(outside)

        assert nothing_of(device) == "No new picture has come yet."


def test_a_picture_of_many_pages_with_a_broken_last_one_gives_none_of_them(tmp_path):
    pages = [Image.fromarray(pixels(n)) for n in range(3)]
    pages[0].save(tmp_path / "whole.tif", save_all=True, append_images=pages[1:])
    content = (tmp_path / "whole.tif").read_bytes()
    folder = tmp_path / "in"
    folder.mkdir()
    with a_watcher(folder).open() as device:
        (folder / "a.tif").write_bytes(content[: len(content) - 4000])

        assert "Cut off" in nothing_of(device)


def test_no_name_of_a_file_or_folder_is_in_what_is_told(tmp_path):
    folder = tmp_path / "Doe Jane"
    folder.mkdir()
    scanner = a_watcher(folder)
    with scanner.open() as device:
        (folder / "Doe_Jane_1970.png").write_bytes(b"x")
        said = nothing_of(device)
        folder.rename(tmp_path / "gone")
        with pytest.raises(ScannerUnavailableError) as told:
            device.frame()

    assert "Doe" not in said + repr(scanner.info()) + str(told.value)


def test_a_folder_that_is_not_there_cannot_be_opened(tmp_path: Path):
    scanner = a_watcher(tmp_path / "nowhere")

    assert scanner.info().state is DeviceState.ABSENT
    with pytest.raises(ScannerUnavailableError), scanner.open():
        pass


@pytest.mark.parametrize(
    "said", [{"files from before": "all"}, {"settle seconds": "soon"}, {"settle seconds": "0"},
             {"move": "yes"}],
)  # fmt: skip
def test_a_choice_that_means_nothing_is_refused(said):
    with pytest.raises(ScannerUnavailableError):
        choices_from(said)


def test_choices_are_what_the_profile_says():
    said = {"files from before": "take", "settle seconds": "2.5"}

    assert choices_from(said) == WatchChoices(2.5, takes_before=True)
