"""What was received comes out as frames, in order and none left out; troubles are told."""

import os
import signal
import socket
import time
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pytest

from edge_app.compose.devices import scanners
from edge_app.domain.error import NothingYetError, ScannerUnavailableError
from edge_app.ports import DeviceState, Scanner
from tests.keys import KEYS
from tests.peers import dicom_spool
from tests.peers.dicom_clinic import Site, a_peer, a_site, receiving
from tests.peers.dicom_objects import PLAIN, renamed, shipped
from tests.peers.dicom_spool import decoded_dicom, fill
from tests.peers.dicom_wire import connected, stored

CLIP = "examples_ybr_color.dcm"


class StoppedClock:
    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=timezone.utc)

    def monotonic_ns(self) -> int:
        return 0


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return a_site(tmp_path / "site", a_peer(plain=True))


def is_gone(site: Site) -> bool:
    """Return whether nobody listens any more, or no more within two seconds."""
    until = time.monotonic() + 2
    while time.monotonic() < until:
        try:
            with connected(site):
                time.sleep(0.05)
        except ConnectionRefusedError:
            return True
    return False


def driver(site: Site) -> Scanner:
    return dicom_spool.driver(site, StoppedClock())


def test_every_frame_of_every_object_comes_in_the_order_of_arrival(site: Site) -> None:
    fill(site, PLAIN, CLIP, "MR_small.dcm")
    with driver(site).open() as device:
        frames = [device.frame() for _ in range(32)]
        with pytest.raises(NothingYetError):
            device.frame()

    sizes = [(frame.height, frame.width) for frame in frames]
    assert sizes == [(128, 128), *[(240, 320)] * 30, (64, 64)]
    expected = [each.pixels for name in (PLAIN, CLIP) for each in decoded_dicom(shipped(name))]
    assert all(
        np.array_equal(frame.pixels, pixels)
        for frame, pixels in zip(frames, expected, strict=False)
    )
    assert frames[0].spacing_mm == pytest.approx((0.661468, 0.661468))


def test_after_a_crash_only_the_frame_that_nobody_may_have_kept_comes_again(site: Site) -> None:
    kept = fill(site, PLAIN, CLIP)
    with driver(site).open() as device:
        for _ in range(11):
            device.frame()
    with driver(site).open() as device:
        rest = [device.frame() for _ in range(21)]
        with pytest.raises(NothingYetError):
            device.frame()

    expected = [each.pixels for each in decoded_dicom(shipped(CLIP))][9:]
    assert len(rest) == len(expected)
    assert all(np.array_equal(a.pixels, b) for a, b in zip(rest, expected, strict=True))
    assert [path.stem for path in site.received] == [each.stem for each in kept]


def test_a_lone_picture_comes_again_until_the_next_one_was_asked_for(site: Site) -> None:
    fill(site, PLAIN)
    for _ in range(2):
        with driver(site).open() as device:
            assert device.frame().height == 128
    with driver(site).open() as device:
        device.frame()
        with pytest.raises(NothingYetError):
            device.frame()
    with driver(site).open() as device, pytest.raises(NothingYetError):
        device.frame()


def test_the_time_of_a_frame_is_when_its_object_was_received(site: Site) -> None:
    fill(site, PLAIN)
    os.utime(site.received[0], (1_000_000_000, 1_000_000_000))
    with driver(site).open() as device:
        frame = device.frame()

    assert frame.captured_at == datetime(2001, 9, 9, 1, 46, 40, tzinfo=timezone.utc)


@pytest.mark.parametrize(("name", "words"), [(PLAIN, "be opened"), (CLIP, "be shown")])
def test_an_object_that_cannot_be_shown_is_told_once_and_the_next_one_comes(
    site: Site, name: str, words: str
) -> None:
    fill(site, name, "MR_small.dcm")
    site.received[0].write_bytes(site.received[0].read_bytes()[:-500])
    with driver(site).open() as device:
        with pytest.raises(ScannerUnavailableError, match=f"cannot {words}"):
            device.frame()
        assert device.frame().height == 64


def test_a_receiver_that_is_switched_off_says_so_and_is_not_started(tmp_path: Path) -> None:
    site = a_site(tmp_path / "site", a_peer(plain=True), listening=False)

    assert driver(site).info().state is DeviceState.ABSENT
    with pytest.raises(ScannerUnavailableError, match="switched off"), driver(site).open():
        pass
    with pytest.raises(ConnectionRefusedError), connected(site):
        pass


def test_a_port_that_is_taken_is_told(site: Site) -> None:
    refused = pytest.raises(ScannerUnavailableError, match="in use")
    with socket.create_server(("127.0.0.1", site.port)), refused, driver(site).open():
        pass


def test_a_certificate_that_is_missing_is_told(tmp_path: Path) -> None:
    site = a_site(
        tmp_path / "site", a_peer(fingerprint="0a" * 32),
        certificate="no.crt", key="no.key", authorities="no.pem",
    )  # fmt: skip
    refused = pytest.raises(ScannerUnavailableError, match="No such file")
    with refused as caught, driver(site).open():
        pass

    assert "certificates" in caught.value.remedy


def test_a_receiver_that_is_gone_is_told_after_what_it_had_received(site: Site) -> None:
    with receiving(site) as receiver, driver(site).open() as device:
        with connected(site) as wire:
            assert stored(wire, shipped(PLAIN)) == 0
        os.kill(receiver.process.pid, signal.SIGKILL)
        receiver.process.wait()

        assert device.frame().height == 128
        with pytest.raises(ScannerUnavailableError, match="stopped"):
            device.frame()


def test_a_running_receiver_is_used_and_left_running(site: Site) -> None:
    with receiving(site) as receiver:
        with driver(site).open() as device, connected(site) as wire:
            assert stored(wire, shipped(PLAIN)) == 0
            assert device.frame().height == 128

        assert receiver.process.poll() is None


def test_a_second_receiver_on_one_spool_does_not_start(site: Site) -> None:
    refused = pytest.raises(AssertionError, match="running already")
    with receiving(site), refused, receiving(site):
        pass


def test_a_modality_sends_to_the_device_as_the_program_holds_it(site: Site, tmp_path: Path) -> None:
    (device,) = scanners([f"dicom:{site.settings}"], opens=KEYS.received)
    assert device.info().state is DeviceState.READY
    with device.open() as opened:
        for name in (PLAIN, "examples_rgb_color.dcm"):
            with connected(site) as wire:
                assert stored(wire, renamed(name, tmp_path / "object.dcm")) == 0
        first, second = opened.frame(), opened.frame()
        assert device.info().state is DeviceState.BUSY
        with pytest.raises(NothingYetError):
            opened.frame()

    assert (first.height, second.height) == (128, 240)
    assert is_gone(site)
