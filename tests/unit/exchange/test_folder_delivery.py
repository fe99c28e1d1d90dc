"""A file is at its place whole and once, or not at all; nobody else's is ever written over."""

import errno
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_app.domain.outbox import Problem, Send, SendFailedError, SendKind
from edge_app.exchange.folder_delivery import FolderDelivery, mount_of, opened_folder

MARK = "0123456789ab"


@contextmanager
def delivery_into(folder: Path, intended: dict[str, str]) -> Iterator[FolderDelivery]:
    send = Send(SendKind.FILES, str(folder), str(mount_of(folder)))
    with opened_folder(send) as handle:
        yield FolderDelivery(handle, MARK, dict(intended), intended.__setitem__)


def put(folder: Path, content: bytes, intended: dict[str, str] | None = None) -> None:
    with delivery_into(folder, {} if intended is None else intended) as delivery:
        delivery.forget()
        delivery.put("study-1.pdf", lambda: content)


def problem_of(folder: Path, content: bytes) -> Problem:
    with pytest.raises(SendFailedError) as failed:
        put(folder, content)
    return failed.value.problem


def test_a_file_is_there_for_its_owner_alone_and_nothing_else_is(tmp_path):
    intended = {}

    put(tmp_path, b"report", intended)

    (written,) = tmp_path.iterdir()
    assert (written.name, written.read_bytes()) == ("study-1.pdf", b"report")
    assert written.stat().st_mode & 0o077 == 0
    assert intended == {"study-1.pdf": hashlib.sha256(b"report").hexdigest()}


def test_what_it_is_going_to_be_is_written_down_before_it_is_there(tmp_path):
    seen = []

    class Intended(dict):
        def __setitem__(self, name, sha256):
            seen.append(sorted(p.name for p in tmp_path.iterdir()))

    put(tmp_path, b"report", Intended())

    assert seen == [[]]


def test_an_equal_file_that_is_there_counts_as_done_and_is_not_touched(tmp_path):
    there = tmp_path / "study-1.pdf"
    there.write_bytes(b"report")
    before = there.stat()

    put(tmp_path, b"report")

    assert there.stat().st_mtime_ns == before.st_mtime_ns
    assert there.stat().st_ino == before.st_ino


def test_a_file_that_was_written_before_counts_although_it_would_be_made_otherwise_now(tmp_path):
    intended = {}
    put(tmp_path, b"report with the audit's head of yesterday", intended)

    put(tmp_path, b"report with the audit's head of today", intended)

    assert (tmp_path / "study-1.pdf").read_bytes().endswith(b"yesterday")


def test_another_file_of_that_name_is_never_written_over(tmp_path):
    (tmp_path / "study-1.pdf").write_bytes(b"somebody's")

    assert problem_of(tmp_path, b"report") is Problem.OTHER_FILE
    assert (tmp_path / "study-1.pdf").read_bytes() == b"somebody's"
    assert [p.name for p in tmp_path.iterdir()] == ["study-1.pdf"]


def test_a_file_that_comes_while_ours_is_written_is_not_written_over(tmp_path):
    def made() -> bytes:
        return b"report"

    class LateIntended(dict):
        def __setitem__(self, name, sha256):
            (tmp_path / name).write_bytes(b"somebody's")

    with pytest.raises(SendFailedError) as failed, delivery_into(tmp_path, LateIntended()) as to:
        to.put("study-1.pdf", made)

    assert failed.value.problem is Problem.OTHER_FILE
    assert (tmp_path / "study-1.pdf").read_bytes() == b"somebody's"
    assert [p.name for p in tmp_path.iterdir()] == ["study-1.pdf"]


@pytest.mark.parametrize("comes_late", [False, True])
def test_where_there_are_no_hard_links_a_file_is_moved_and_still_nobody_s_is_lost(
    tmp_path, monkeypatch, comes_late
):
    def refused(*_: object, **__: object) -> None:
        if comes_late:
            (tmp_path / "study-1.pdf").write_bytes(b"somebody's")
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)  # as on FAT

    if comes_late:
        assert problem_of(tmp_path, b"report") is Problem.OTHER_FILE
    else:
        put(tmp_path, b"report")
    expected = b"somebody's" if comes_late else b"report"
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [expected]


def test_what_a_try_left_half_is_taken_away_and_what_others_left_is_not(tmp_path):
    ours, theirs = tmp_path / f"study-1.png.{MARK}.part", tmp_path / "film.mkv.part"
    ours.write_bytes(b"rep")
    theirs.write_bytes(b"film")

    put(tmp_path, b"report")

    assert sorted(p.name for p in tmp_path.iterdir()) == ["film.mkv.part", "study-1.pdf"]


def test_until_it_is_whole_a_file_is_marked_as_a_part(tmp_path, monkeypatch):
    seen, sync = [], os.fsync

    def looked(handle: int) -> None:
        seen.append(sorted(p.name for p in tmp_path.iterdir()))
        sync(handle)

    monkeypatch.setattr(os, "fsync", looked)
    put(tmp_path, b"report")

    assert seen == [[f"study-1.pdf.{MARK}.part"], ["study-1.pdf"]]


def test_a_medium_that_gives_back_something_else_is_found_out(tmp_path, monkeypatch):
    sync = os.fsync

    def spoils(handle: int) -> None:
        sync(handle)
        for part in tmp_path.glob("*.part"):
            part.write_bytes(b"rEport")

    monkeypatch.setattr(os, "fsync", spoils)

    assert problem_of(tmp_path, b"report") is Problem.GAVE_BACK_OTHER
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (errno.ENOSPC, Problem.FULL),
        (errno.EROFS, Problem.READ_ONLY),
        (errno.EFBIG, Problem.TOO_LARGE),
        (errno.EIO, Problem.MEDIUM_FAILED),
        (errno.ENODEV, Problem.MEDIUM_FAILED),
        (errno.ENOENT, Problem.NOT_THERE),
    ],
)
def test_whatever_the_system_refuses_has_a_code_and_leaves_no_part(
    tmp_path, monkeypatch, error, problem
):
    def refused(_handle: int) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(os, "fsync", refused)

    assert problem_of(tmp_path, b"report") is problem
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_not_made_anew(tmp_path):
    folder = tmp_path / "stick" / "studies"
    send = Send(SendKind.FILES, str(folder), str(mount_of(tmp_path)))

    with pytest.raises(SendFailedError) as failed, opened_folder(send):
        pass

    assert failed.value.problem is Problem.NOT_THERE
    assert not folder.parent.exists()


def test_the_empty_place_of_a_stick_that_was_pulled_is_not_written_to(tmp_path):
    """The folder is there, and what is mounted where the stick was is not."""
    send = Send(SendKind.FILES, str(tmp_path), str(tmp_path))

    with pytest.raises(SendFailedError) as failed, opened_folder(send):
        pass

    assert failed.value.problem is Problem.NOT_THERE


def test_a_link_of_the_file_s_name_is_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.write_bytes(b"report")
    folder = tmp_path / "stick"
    folder.mkdir()
    (folder / "study-1.pdf").symlink_to(outside)

    assert problem_of(folder, b"report") is Problem.OTHER_FILE
    assert outside.read_bytes() == b"report"


def test_a_folder_of_the_file_s_name_stays(tmp_path):
    (tmp_path / "study-1.pdf").mkdir()

    assert problem_of(tmp_path, b"report") is Problem.OTHER_FILE
    assert (tmp_path / "study-1.pdf").is_dir()


def test_the_medium_of_a_folder_is_where_it_is_mounted(tmp_path):
    assert mount_of(Path("/proc/self")) == Path("/proc")
    assert mount_of(tmp_path).is_mount()
    assert mount_of(tmp_path).stat().st_dev == tmp_path.stat().st_dev
