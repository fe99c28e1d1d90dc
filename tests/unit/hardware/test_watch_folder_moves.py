"""A file of a watched folder is moved once its pictures are saved, and never lost."""

import os
from pathlib import Path

import pytest

from edge_app.domain.error import NothingYetError, ScannerUnavailableError
from edge_app.ports import Decision, Settles
from hardware.watch_folder import saved
from hardware.watch_folder.scanner import OpenWatchFolder, WatchChoices, choices_from
from tests.unit.hardware.test_watch_folder import (
    a_clip,
    a_watcher,
    encoded,
    nothing_of,
    pixels,
)

KEPT, LEFT_OUT = Decision.KEPT, Decision.LEFT_OUT


def files_of(folder: Path) -> set[str]:
    return {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}


@pytest.fixture
def device(tmp_path: Path):
    with a_watcher(tmp_path, moves_saved=True).open() as opened:
        yield opened


def dropped(device: OpenWatchFolder, folder: Path, seed: int, name: str = "a.png"):
    """Drop a picture; return its frame."""
    (folder / name).write_bytes(encoded(seed))
    return device.frame()


def test_a_saved_picture_moves_its_file_and_nothing_else_does(device, tmp_path):
    frame = dropped(device, tmp_path, 1)
    assert files_of(tmp_path) == {"a.png"}
    device.settle(frame.sequence, KEPT)

    assert files_of(tmp_path) == {"saved/a.png"}
    assert (tmp_path / "saved" / "a.png").read_bytes() == encoded(1)
    assert nothing_of(device) == "No new picture has come yet."


@pytest.mark.parametrize("decision", [LEFT_OUT, Decision.FOR_LATER, None])
def test_a_picture_that_is_not_kept_moves_nothing(device, tmp_path, decision):
    frame = dropped(device, tmp_path, 1)
    if decision:
        device.settle(frame.sequence, decision)
    nothing_of(device)

    assert files_of(tmp_path) == {"a.png"}


def test_without_the_choice_nothing_is_moved_and_no_folder_is_made(tmp_path):
    scanner = a_watcher(tmp_path)
    with scanner.open() as device:
        frame = dropped(device, tmp_path, 1)
        device.settle(frame.sequence, KEPT)

    assert [found.name for found in tmp_path.iterdir()] == ["a.png"]
    assert scanner.info().capabilities == ("stills",)


def test_a_device_that_moves_says_that_it_wants_to_be_told(device, tmp_path):
    assert isinstance(device, Settles)
    assert a_watcher(tmp_path, moves_saved=True).info().capabilities == ("stills", "settles")


def test_a_file_of_the_same_name_is_not_written_over(device, tmp_path):
    (tmp_path / "saved" / "a.png").write_bytes(b"another")
    (tmp_path / "saved" / "a-2.png").write_bytes(b"one more")
    device.settle(dropped(device, tmp_path, 1).sequence, KEPT)

    assert files_of(tmp_path) == {"saved/a.png", "saved/a-2.png", "saved/a-3.png"}
    assert (tmp_path / "saved" / "a.png").read_bytes() == b"another"
    assert (tmp_path / "saved" / "a-2.png").read_bytes() == b"one more"
    assert (tmp_path / "saved" / "a-3.png").read_bytes() == encoded(1)


def test_a_clip_moves_only_when_its_last_picture_was_decided_on(device, tmp_path):
    (tmp_path / "IM000001").write_bytes(a_clip())
    for number in range(1, 31):
        assert device.frame().sequence == number
        device.settle(number, KEPT if number in {3, 9} else LEFT_OUT)
        assert (tmp_path / "IM000001").exists() == (number < 30)

    assert files_of(tmp_path) == {"saved/IM000001"}


def test_pictures_of_a_clip_that_nobody_was_asked_about_count_as_left_out(device, tmp_path):
    (tmp_path / "IM000001").write_bytes(a_clip())
    frames = [device.frame() for _ in range(30)]
    device.settle(frames[2].sequence, KEPT)
    assert files_of(tmp_path) == {"IM000001"}  # the last one is on the screen
    nothing_of(device)

    assert files_of(tmp_path) == {"saved/IM000001"}


def test_a_clip_of_which_nothing_was_kept_stays(device, tmp_path):
    (tmp_path / "IM000001").write_bytes(a_clip())
    for _ in range(30):
        device.settle(device.frame().sequence, LEFT_OUT)
    nothing_of(device)

    assert files_of(tmp_path) == {"IM000001"}


def test_what_was_decided_on_one_file_moves_no_other(device, tmp_path):
    first = dropped(device, tmp_path, 1, "a.png")
    device.settle(first.sequence, KEPT)
    second = dropped(device, tmp_path, 2, "b.png")
    device.settle(first.sequence, KEPT)
    device.settle(second.sequence, LEFT_OUT)

    assert files_of(tmp_path) == {"saved/a.png", "b.png"}


def test_a_file_that_was_written_over_meanwhile_stays_and_comes_as_a_new_picture(device, tmp_path):
    frame = dropped(device, tmp_path, 1)
    (tmp_path / "a.png").write_bytes(encoded(2))
    device.settle(frame.sequence, KEPT)

    assert files_of(tmp_path) == {"a.png"}
    assert (device.frame().pixels == pixels(2)).all()


def test_a_file_that_is_written_over_while_it_moves_comes_back_as_a_new_picture(
    device, tmp_path, monkeypatch
):
    frame = dropped(device, tmp_path, 1)
    replace = Path.replace

    def late(source, target):
        if target.parent.name == "saved":
            source.write_bytes(encoded(2) + b"\0")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", late)
    device.settle(frame.sequence, KEPT)

    assert files_of(tmp_path) == {"a.png"}
    assert (device.frame().pixels == pixels(2)).all()


def test_a_file_that_its_device_took_away_is_no_longer_waited_for(device, tmp_path):
    frame = dropped(device, tmp_path, 1)
    (tmp_path / "a.png").unlink()
    device.settle(frame.sequence, KEPT)

    assert "Saved" not in nothing_of(device)


def test_a_file_that_cannot_be_read_for_a_moment_is_tried_again(device, tmp_path, monkeypatch):
    frame = dropped(device, tmp_path, 1)
    with monkeypatch.context() as failing:
        failing.setattr(saved, "hash_of", lambda _path: None)
        device.settle(frame.sequence, KEPT)
        assert "Saved, and not moved" in nothing_of(device)
    assert files_of(tmp_path) == {"a.png"}

    nothing_of(device)
    assert files_of(tmp_path) == {"saved/a.png"}


def test_a_share_that_vanishes_while_it_moves_is_told_and_the_file_moves_once_it_is_back(tmp_path):
    folder, away = tmp_path / "in", tmp_path / "away"
    folder.mkdir()
    with a_watcher(folder, moves_saved=True).open() as device:
        frame = dropped(device, folder, 1)
        folder.rename(away)
        device.settle(frame.sequence, KEPT)
        with pytest.raises(ScannerUnavailableError, match="not there"):
            device.frame()
        assert files_of(away) == {"a.png"}
        away.rename(folder)
        nothing_of(device)

        assert files_of(folder) == {"saved/a.png"}


def test_a_share_that_lets_nothing_be_moved_is_told_and_no_empty_file_is_left(
    device, tmp_path, monkeypatch
):
    def refused(source, target):
        raise PermissionError(13, "Permission denied")

    frame = dropped(device, tmp_path, 1)
    with monkeypatch.context() as refusing:
        refusing.setattr(Path, "replace", refused)
        device.settle(frame.sequence, KEPT)
        said = nothing_of(device)
    assert 'Saved, and not moved to "saved" so far: 1.' in said
    assert "a.png" not in said
    assert files_of(tmp_path) == {"a.png"}

    nothing_of(device)
    assert files_of(tmp_path) == {"saved/a.png"}


def test_a_server_that_moved_the_file_and_did_not_say_so_loses_nothing(
    device, tmp_path, monkeypatch
):
    replace = Path.replace

    def silent(source, target):
        replace(source, target)
        raise OSError(112, "Host is down")

    frame = dropped(device, tmp_path, 1)
    monkeypatch.setattr(Path, "replace", silent)
    device.settle(frame.sequence, KEPT)

    assert "Saved" not in nothing_of(device)
    assert (tmp_path / "saved" / "a.png").read_bytes() == encoded(1)


def test_what_could_not_be_moved_is_tried_once_more_at_the_end(tmp_path, monkeypatch):
    with a_watcher(tmp_path, moves_saved=True).open() as device:
        frame = dropped(device, tmp_path, 1)
        with monkeypatch.context() as refusing:
            refusing.setattr(saved, "_put", _fails)
            device.settle(frame.sequence, KEPT)

    assert files_of(tmp_path) == {"saved/a.png"}


def _fails(source: Path, folder: Path) -> Path:
    raise OSError(5, "Input/output error")


def test_what_was_saved_and_not_moved_before_a_power_cut_is_offered_again(tmp_path):
    with a_watcher(tmp_path, moves_saved=True, takes_before=True).open() as device:
        dropped(device, tmp_path, 1)
    with a_watcher(tmp_path, moves_saved=True, takes_before=True).open() as device:
        frame = device.frame()
        device.settle(frame.sequence, KEPT)

        assert (frame.pixels == pixels(1)).all()
        assert files_of(tmp_path) == {"saved/a.png"}


def test_what_lies_in_the_folder_of_saved_files_is_no_picture(tmp_path):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "a.png").write_bytes(encoded(1))
    with a_watcher(tmp_path, moves_saved=True, takes_before=True).open() as device:
        with pytest.raises(NothingYetError) as told:
            device.frame()

        assert told.value.what == "No new picture has come yet."


def test_a_folder_without_room_for_saved_files_is_refused_at_opening(tmp_path):
    (tmp_path / "saved").write_bytes(b"a file of that name")
    with (
        pytest.raises(ScannerUnavailableError, match='no room for a folder "saved"'),
        a_watcher(tmp_path, moves_saved=True).open(),
    ):
        pass


def test_the_choice_is_leave_or_move():
    assert choices_from({"after saved": "move"}) == WatchChoices(moves_saved=True)
    assert choices_from({"after saved": "leave"}) == WatchChoices()
    with pytest.raises(ScannerUnavailableError, match='"after saved" is "leave" or "move"'):
        choices_from({"after saved": "delete"})


def test_a_file_with_another_content_under_the_same_size_and_time_is_not_moved(device, tmp_path):
    contents = [encoded(seed) for seed in (1, 2)]
    length = max(len(content) for content in contents)
    path = tmp_path / "a.png"
    path.write_bytes(contents[0].ljust(length, b"\0"))
    at_ns = path.stat().st_mtime_ns
    frame = device.frame()
    path.write_bytes(contents[1].ljust(length, b"\0"))
    os.utime(path, ns=(at_ns, at_ns))
    device.settle(frame.sequence, KEPT)

    assert files_of(tmp_path) == {"a.png"}
