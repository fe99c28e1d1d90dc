"""Who is connected: the unproven, of whom the oldest makes room, and associations by peer."""

from collections import Counter
from collections.abc import Callable, Hashable

from hardware.dicom_receiver.limits import (
    ASSOCIATIONS,
    CONNECTIONS_A_SECOND,
    UNPROVEN,
    UNPROVEN_AN_ADDRESS,
)
from hardware.dicom_receiver.settings import Peer


class Crowd:
    """Counts connections; `clock` returns seconds that never go back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._unproven: dict[Hashable, tuple[str, Callable[[], object]]] = {}
        self._held: Counter[str] = Counter()
        self._second = 0
        self._came: Counter[str] = Counter()

    def may_come(self, address: str) -> bool:
        """Return whether one more connection from `address` in this second is not too many."""
        second = int(self._clock())
        if second != self._second:
            self._second = second
            self._came.clear()
        self._came[address] += 1
        return self._came[address] <= CONNECTIONS_A_SECOND

    def arrived(self, key: Hashable, address: str, cut: Callable[[], object]) -> None:
        """Count an unproven connection; where there are too many, an older one is cut first.

        It is the oldest of the same address, or of the one that has the most.
        """
        counts = Counter(theirs for theirs, _ in self._unproven.values())
        if counts[address] >= UNPROVEN_AN_ADDRESS:
            self._cut_oldest(address)
        elif len(self._unproven) >= UNPROVEN:
            self._cut_oldest(counts.most_common(1)[0][0])
        self._unproven[key] = (address, cut)

    def proven(self, key: Hashable) -> None:
        """Count a connection as unproven no more; it sent a valid request, or is gone."""
        self._unproven.pop(key, None)

    def takes(self, peer: Peer) -> bool:
        """Count one more association of `peer`, unless it or all have as many as they may."""
        if self._held[peer.name] >= peer.associations or self._held.total() >= ASSOCIATIONS:
            return False
        self._held[peer.name] += 1
        return True

    def left(self, peer: Peer) -> None:
        """Count one association of `peer` less."""
        self._held[peer.name] -= 1

    def _cut_oldest(self, address: str) -> None:
        key = next(key for key, (theirs, _) in self._unproven.items() if theirs == address)
        _, cut = self._unproven.pop(key)
        cut()
