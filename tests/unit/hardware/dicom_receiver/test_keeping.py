"""The spool: what is kept is kept once, and a full one says so."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge_app.storage.room import Room
from hardware.dicom_receiver.keeping import SPARE_BYTES, Keeper
from hardware.dicom_receiver.refusal import ObjectRefusedError, Status
from hardware.dicom_receiver.sealed_box import SealedDraft, opened_box
from hardware.dicom_receiver.spool import Spool, SpoolBusyError
from tests.keys import KEYS
from tests.peers import dicom_spool
from tests.peers.dicom_objects import PLAIN, announced, shipped


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    made = Spool(tmp_path / "spool")
    made.ensure_there()
    return made


def arrived(spool: Spool) -> SealedDraft:
    return dicom_spool.arrived(spool, shipped(PLAIN))


def test_a_kept_object_leaves_the_arriving_ones_and_waits(spool: Spool) -> None:
    kept = Keeper(spool, 1 << 30).keep(arrived(spool), 0, announced(shipped(PLAIN)))

    assert list(spool.arriving.iterdir()) == []
    with opened_box(spool.path(kept), KEYS.received) as file:
        assert file.read() == shipped(PLAIN).read_bytes()
    assert spool.kept() == [kept]


def test_a_full_spool_refuses_and_keeps_nothing_more(spool: Spool) -> None:
    with pytest.raises(ObjectRefusedError) as caught:
        Keeper(spool, 1000).keep(arrived(spool), 0, announced(shipped(PLAIN)))

    assert caught.value.status is Status.OUT_OF_RESOURCES
    assert spool.kept() == []


def test_what_began_to_arrive_before_a_crash_is_removed(spool: Spool) -> None:
    arrived(spool)
    Keeper(spool, 1 << 30).clear(older_than_s=0)

    assert list(spool.arriving.iterdir()) == []


def test_what_arrives_now_is_not_removed(spool: Spool) -> None:
    draft = arrived(spool)
    Keeper(spool, 1 << 30).clear()

    assert draft.path.exists()


def test_numbers_go_on_after_a_restart(spool: Spool) -> None:
    said = announced(shipped(PLAIN))
    first = Keeper(spool, 1 << 30).keep(arrived(spool), 0, said)
    other = type(said)(said.sop_class, "1.2.3", said.transfer_syntax)
    second = Keeper(spool, 1 << 30).keep(arrived(spool), 0, other)

    assert (first.number, second.number) == (1, 2)


def test_what_went_out_whole_does_not_wait_any_more(spool: Spool) -> None:
    kept = Keeper(spool, 1 << 30).keep(arrived(spool), 0, announced(shipped(PLAIN)))
    spool.mark_out(kept, 1)
    assert spool.frames_out(kept) == 1
    spool.mark_done(kept)

    assert spool.frames_out(kept) is None
    assert spool.path(kept).exists()


def test_each_side_of_a_spool_is_held_by_one(spool: Spool) -> None:
    with spool.held("receiving"), spool.held("delivering"):
        assert spool.is_held("receiving")
        with pytest.raises(SpoolBusyError), spool.held("receiving"):
            pass

    assert not spool.is_held("receiving")


def test_on_a_filling_disk_the_network_stops_while_captures_still_begin(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = SPARE_BYTES - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=left))

    Room(spool.folder).refuse_if_full()
    with pytest.raises(ObjectRefusedError) as refused:
        Keeper(spool, 1 << 30).keep(arrived(spool), 0, announced(shipped(PLAIN)))

    assert refused.value.status is Status.OUT_OF_RESOURCES
