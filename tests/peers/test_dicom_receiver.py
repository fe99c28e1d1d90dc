"""Real modalities send; what is acknowledged is there, and nobody else gets in."""

import contextlib
import os
import random
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.dicom_clinic import (
    DCMTK,
    MISSING,
    WHY_SKIPPED,
    Receiver,
    Site,
    TlsSite,
    a_peer,
    a_site,
    a_tls_site,
    dcmtk,
    receiving,
    with_tls,
)
from tests.peers.dicom_objects import (
    PLAIN,
    SYNTAXES,
    a_bomb,
    announced,
    changed,
    data_set_of,
    encoded,
    opened,
    renamed,
    renumbered,
    shipped,
)
from tests.peers.dicom_wire import (
    ABORT,
    association_request,
    connected,
    received,
    store_request,
    stored,
)

FUZZED = int(os.environ.get("EDGE_APP_DICOM_FUZZED", "200"))
"""The long form is 100,000."""
needs_dcmtk = pytest.mark.skipif(bool(MISSING), reason=WHY_SKIPPED)


@pytest.fixture(scope="module")
def tls_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsSite]:
    site = a_tls_site(tmp_path_factory.mktemp("tls"))
    with receiving(site.site):
        yield site


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(a_site(tmp_path / "site", a_peer(plain=True))) as receiver:
        yield receiver


def found(site: Site, sop_instance: str) -> list[Path]:
    return [path for path in site.unsealed if announced(path).sop_instance == sop_instance]


@needs_dcmtk
def test_a_listed_modality_is_answered_over_tls(tls_site: TlsSite) -> None:
    tls = with_tls(tls_site.modality, tls_site.authority)

    assert dcmtk("echoscu", tls_site.site, tls=tls).returncode == 0


@needs_dcmtk
@pytest.mark.parametrize("name", SYNTAXES)
def test_an_object_of_each_syntax_arrives_with_its_pixels_untouched(
    tls_site: TlsSite, tmp_path: Path, name: str
) -> None:
    path = renamed(name, tmp_path / "object.dcm")
    tls = with_tls(tls_site.modality, tls_site.authority)
    ended = dcmtk("storescu", tls_site.site, path, tls=tls, more=SYNTAXES[name])

    assert "(Success)" in ended.stdout + ended.stderr, ended.stdout + ended.stderr
    (kept,) = found(tls_site.site, announced(path).sop_instance)
    assert announced(kept) == announced(path)
    assert opened(kept).PixelData == opened(path).PixelData


@needs_dcmtk
@pytest.mark.parametrize("who", ["stranger", "forger", "nobody", "plain"])
def test_without_the_listed_certificate_nobody_gets_in(tls_site: TlsSite, who: str) -> None:
    trusts = ["+cf", str(tls_site.authority.pem)]
    tls = {
        "stranger": with_tls(tls_site.stranger, tls_site.authority),
        "forger": with_tls(tls_site.forger, tls_site.authority),
        "nobody": ["+tla", *trusts],
        "plain": [],
    }[who]
    before = tls_site.site.received
    for tool in DCMTK:
        files = [shipped(PLAIN)] if tool == "storescu" else []
        assert dcmtk(tool, tls_site.site, *files, tls=tls).returncode != 0

    assert tls_site.site.received == before


@needs_dcmtk
@pytest.mark.parametrize(
    ("titles", "words"),
    [({"called": "OTHER"}, "Called AE Title"), ({"calling": "OTHER"}, "Calling AE Title")],
)
def test_a_wrong_title_is_refused_by_its_name(
    tls_site: TlsSite, titles: dict[str, str], words: str
) -> None:
    tls = with_tls(tls_site.modality, tls_site.authority)
    ended = dcmtk("echoscu", tls_site.site, tls=tls, **titles)

    assert ended.returncode != 0
    assert words in ended.stdout + ended.stderr


def test_an_address_that_is_not_listed_gets_not_one_byte(plain: Receiver) -> None:
    with connected(plain.site, source="127.0.0.9") as wire:
        wire.settimeout(5)
        assert received(wire)[0] == 0

    assert "127.0.0.9 was cut: it is not listed" in plain.said


@needs_dcmtk
def test_a_peer_may_send_plain_only_where_the_settings_say_so(plain: Receiver) -> None:
    assert dcmtk("echoscu", plain.site).returncode == 0


@needs_dcmtk
def test_the_same_object_again_is_success_and_is_kept_once(plain: Receiver) -> None:
    for _ in range(3):
        assert dcmtk("storescu", plain.site, shipped(PLAIN)).returncode == 0

    assert len(plain.site.received) == 1


@needs_dcmtk
def test_other_content_under_a_known_uid_is_refused_and_both_facts_are_told(
    plain: Receiver, tmp_path: Path
) -> None:
    dcmtk("storescu", plain.site, shipped(PLAIN))
    before = {path: path.read_bytes() for path in plain.site.received}
    ended = dcmtk("storescu", plain.site, changed(shipped(PLAIN), tmp_path / "x"), more=["-d"])

    told = "This UID was received before, with other content."
    assert "0x0111" in ended.stderr + ended.stdout
    assert told in ended.stderr + ended.stdout
    assert told in plain.said
    assert {path: path.read_bytes() for path in plain.site.received} == before


def test_a_repeat_is_known_after_a_restart_too(plain: Receiver, tmp_path: Path) -> None:
    with connected(plain.site) as wire:
        assert stored(wire, shipped(PLAIN)) == 0
    plain.end()
    with receiving(plain.site) as again:
        with connected(again.site) as wire:
            assert stored(wire, shipped(PLAIN)) == 0
        with connected(again.site) as wire:
            assert stored(wire, changed(shipped(PLAIN), tmp_path / "x")) == 0x0111

        assert len(again.site.received) == 1


def test_truncated_objects_are_refused_on_the_wire_with_their_status(plain: Receiver) -> None:
    draw, content = random.Random(3), data_set_of(shipped(PLAIN))  # noqa: S311  no secret
    statuses = set()
    for _ in range(40):
        cut = content[: 1 + draw.randrange(len(content) - 1)]
        with connected(plain.site) as wire:
            statuses.add(stored(wire, shipped(PLAIN), cut))

    assert statuses <= {0xC000, 0xA900}
    assert plain.site.received == []


@contextlib.contextmanager
def an_association(site: Site, request: bytes) -> Iterator[socket.socket]:
    """Yield one; the peer waits for its two places where the worker has not let go of them."""
    until = time.monotonic() + 20
    while True:
        with connected(site) as wire:
            wire.sendall(request)
            is_taken = received(wire)[0] == 2
            if is_taken:
                yield wire
                return
        assert time.monotonic() < until
        time.sleep(0.2)


def test_an_object_dropped_at_any_byte_is_not_kept_and_comes_whole_next_time(
    plain: Receiver,
) -> None:
    request, pdus = store_request(shipped(PLAIN))
    stream = b"".join(pdus)
    draw = random.Random(1)  # noqa: S311  no secret
    for cut in (1, 6, *sorted(draw.sample(range(len(stream)), 12)), len(stream) - 1):
        with an_association(plain.site, request) as wire:
            wire.sendall(stream[:cut])
    assert plain.site.received == []
    with connected(plain.site) as wire:
        assert stored(wire, shipped(PLAIN)) == 0

    assert [data_set_of(path) for path in plain.site.unsealed] == [data_set_of(shipped(PLAIN))]


def test_an_object_lost_after_its_last_byte_is_kept_once_when_it_is_sent_again(
    plain: Receiver,
) -> None:
    request, pdus = store_request(shipped(PLAIN))
    with connected(plain.site) as wire:
        wire.sendall(request)
        assert received(wire)[0] == 2
        wire.sendall(b"".join(pdus))
    with connected(plain.site) as wire:
        assert stored(wire, shipped(PLAIN)) == 0

    assert len(plain.site.received) == 1


def test_an_abort_in_the_middle_leaves_nothing_and_the_next_object_comes(plain: Receiver) -> None:
    request, pdus = store_request(shipped(PLAIN))
    with connected(plain.site) as wire:
        wire.sendall(request)
        assert received(wire)[0] == 2
        wire.sendall(b"".join(pdus[:2]) + ABORT)
        assert received(wire)[0] == 0
    assert plain.site.received == []
    with connected(plain.site) as wire:
        assert stored(wire, shipped(PLAIN)) == 0


def test_an_association_with_no_more_room_for_its_peer_is_told_so(plain: Receiver) -> None:
    with connected(plain.site) as first, connected(plain.site) as second:
        for wire in (first, second):
            wire.sendall(association_request())
            assert received(wire)[0] == 2
        with connected(plain.site) as third:
            third.sendall(association_request())
            kind, body = received(third)

            assert (kind, body[1:]) == (3, bytes([2, 3, 2]))  # for now, local limit exceeded


def test_a_killed_worker_is_started_again(plain: Receiver) -> None:
    first = plain.worker
    os.kill(first, signal.SIGKILL)
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with connected(plain.site) as wire:
            wire.sendall(association_request())
            if received(wire)[0] == 2:
                break
        time.sleep(0.2)

    assert plain.worker != first


def test_a_small_object_that_unpacks_to_a_gibibyte_is_refused_and_memory_stays(
    plain: Receiver, tmp_path: Path
) -> None:
    path = tmp_path / "bomb.dcm"
    path.write_bytes(encoded(a_bomb(side=9984)))
    before = memory_kib(plain.worker)
    with connected(plain.site) as wire:
        assert stored(wire, path) == 0xA700

    assert memory_kib(plain.worker) - before < 64 << 10
    assert limit_of(plain.worker, "Max address space") == 2 << 30


def memory_kib(process: int) -> int:
    """Return the most resident memory that a process had."""
    (line,) = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process}/status").read_text())
    return int(line)


def limit_of(process: int, name: str) -> int:
    (value,) = re.findall(rf"{name}\s+(\d+)", Path(f"/proc/{process}/limits").read_text())
    return int(value)


def test_mutilated_conversations_end_nothing_but_themselves(plain: Receiver) -> None:
    request, pdus = store_request(shipped(PLAIN))
    draw, worker = random.Random(13), plain.worker  # noqa: S311  no secret
    stream = request + b"".join(pdus)
    for _ in range(FUZZED):
        spoilt = bytearray(stream[: draw.randrange(1, len(stream))])
        for _ in range(draw.randrange(1, 12)):
            spoilt[draw.randrange(min(len(spoilt), 1200))] = draw.randrange(256)
        with contextlib.suppress(OSError), connected(plain.site) as wire:
            wire.sendall(spoilt)
            wire.shutdown(socket.SHUT_WR)
            while wire.recv(1 << 16):
                pass
        time.sleep(0.02)  # an address that connects more than 50 times a second is cut at once
    time.sleep(6)  # what pynetdicom could not parse lingers for five seconds
    with connected(plain.site) as wire:
        assert stored(wire, shipped(PLAIN)) == 0

    assert plain.worker == worker
    assert len(plain.site.received) == 1
    assert len(list(Path(f"/proc/{worker}/task").iterdir())) < 8
    assert "Warning" not in plain.said  # pydicom's quote the values


def test_no_name_and_no_uid_gets_into_log_or_file_names(plain: Receiver, tmp_path: Path) -> None:
    (path,) = renumbered(PLAIN, tmp_path, 1)
    ds = opened(path)
    ds.PatientName, ds.PatientID = "Marker^Quirin", "MARK-4711"
    ds.save_as(path)
    with connected(plain.site) as wire:
        assert stored(wire, path) == 0
    with connected(plain.site) as wire:
        assert stored(wire, path, data_set_of(path)[:-100]) != 0
    told = plain.said + " ".join(str(p) for p in plain.site.folder.rglob("*"))

    assert len(plain.site.received) == 1
    content = b"".join(p.read_bytes() for p in plain.site.spool.rglob("*") if p.is_file())
    for secret in ("Marker", "Quirin", "4711", str(ds.SOPInstanceUID)):
        assert secret not in told
        assert secret.encode() not in content
