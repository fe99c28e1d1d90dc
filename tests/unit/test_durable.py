"""A file is replaced whole, and whether it may be is known before."""

import pytest

from edge_app.durable import ensure_writable, write_whole


def test_a_file_that_may_be_replaced_is_left_as_it_is_by_asking(tmp_path):
    path = tmp_path / "profile.toml"
    path.write_bytes(b"old")

    ensure_writable(path)

    assert [p.name for p in tmp_path.iterdir()] == ["profile.toml"]
    assert path.read_bytes() == b"old"


def test_asking_leaves_alone_what_somebody_else_is_just_writing(tmp_path):
    path, draft = tmp_path / "profile.toml", tmp_path / "profile.toml.draft"
    path.write_bytes(b"old")
    draft.write_bytes(b"half")

    ensure_writable(path)

    assert draft.read_bytes() == b"half"


def test_a_file_that_is_not_there_or_could_not_be_replaced_is_said_by_asking(tmp_path):
    path = tmp_path / "profile.toml"
    with pytest.raises(FileNotFoundError):
        ensure_writable(path)
    path.write_bytes(b"old")
    (tmp_path / "profile.toml.draft").mkdir()

    with pytest.raises(IsADirectoryError):
        ensure_writable(path)


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_what_is_written_has_the_rights_that_were_asked_for_whatever_was_left_over(tmp_path, mode):
    path = tmp_path / "profile.toml"
    left_over = tmp_path / "profile.toml.draft"
    left_over.write_bytes(b"half")
    left_over.chmod(0o666)

    write_whole(path, b"new", mode=mode)

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == mode
