"""What drivers share whose device one `with` block at a time may hold."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from edge_app.domain.error import ScannerUnavailableError
from edge_app.ports import DeviceInfo, DeviceState


class HeldByOne(ABC):
    """The part of a `Scanner` that says what it is, and lets one holder in.

    Attributes:
        _name: What the device calls itself; `_state` may find that out.
    """

    def __init__(self, kind: str, device_id: str, name: str, capabilities: Sequence[str]) -> None:
        self._kind = kind
        self._device_id = device_id
        self._name = name
        self._capabilities = tuple(capabilities)
        self._held = threading.Lock()

    def info(self) -> DeviceInfo:
        """Return what the device is; its id does not change when it is plugged in again.

        Raises:
            ScannerUnavailableError: What reaches such devices is missing, or does not answer.
        """
        state = DeviceState.BUSY if self._held.locked() else self._state()
        return DeviceInfo(
            device_id=self._device_id,
            kind=self._kind,
            name=self._name,
            driver=f"hardware.{self._kind}",
            state=state,
            capabilities=self._capabilities,
        )

    @abstractmethod
    def _state(self) -> DeviceState:
        """Return whether the device, which nobody here holds, can be used now."""

    @contextmanager
    def _holding(self, busy: ScannerUnavailableError) -> Iterator[None]:
        """Hold the device for a block; raises `busy` where another block does."""
        if not self._held.acquire(blocking=False):
            raise busy
        try:
            yield
        finally:
            self._held.release()
