"""New pictures of a device without a person: nothing that repeats, is old, or is another's."""

from collections.abc import Iterator

from edge_app.domain.error import NothingYetError, ScannerUnavailableError
from edge_app.domain.freshness import FrameGuard, Freshness, habits_of
from edge_app.domain.image import CapturedImage
from edge_app.ports import Clock, DeviceInfo, OpenScanner

PATIENCE_NS = 60_000_000_000
_CAUSE = "Look at the device and its cable, then try again."


def fresh_pictures(device: OpenScanner, info: DeviceInfo, clock: Clock) -> Iterator[CapturedImage]:
    """Yield each new picture until the device has no more to give.

    Raises:
        NothingYetError: None came for a minute.
        ScannerUnavailableError: The device went away, or what it sends is no new picture.
    """
    guard = FrameGuard(info.device_id, habits_of(info.capabilities))
    asked_ns = clock.monotonic_ns()
    while True:
        try:
            image = device.frame()
        except NothingYetError:
            if clock.monotonic_ns() - asked_ns > PATIENCE_NS:
                raise
            continue
        if image is None:
            return
        now_ns = clock.monotonic_ns()
        if guard.judged(image, now_ns) is Freshness.FRESH:
            yield image
            asked_ns = clock.monotonic_ns()
        elif trouble := guard.trouble(now_ns):
            raise ScannerUnavailableError(f"The picture is {_WORDS[trouble]}.", _CAUSE)


_WORDS = {
    Freshness.FRESH: "fresh",
    Freshness.REPEATED: "the same again and again",
    Freshness.STUCK: "the same again and again",
    Freshness.OLD: "an old one",
    Freshness.RESIZED: "of another size than before",
    Freshness.OTHER_DEVICE: "from another device than before",
}
