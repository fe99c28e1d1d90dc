"""The one door to TWAIN: its only entry, memory that both sides share, and messages."""

from ctypes import Structure
from typing import Protocol

from hardware.twain.structures import Group, Identity, Message, Topic


class Wire(Protocol):
    """What is asked of Windows and of TWAIN's source manager, all of it on one thread."""

    @property
    def window(self) -> int:
        """The handle of a window of this process; nobody sees it."""

    def entry(
        self,
        origin: Identity,
        source: Identity | None,
        asked: tuple[Group, Topic, Message],
        content: int,
    ) -> int:
        """Make one call (DSM_Entry); `content` is the address of its structure."""

    def allocate(self, size: int) -> int:
        """Return a handle to so many bytes of shared memory."""

    def lock(self, handle: int) -> int:
        """Return the address of shared memory, which stays there until it is unlocked."""

    def unlock(self, handle: int) -> None:
        """Let shared memory move again."""

    def size(self, handle: int) -> int:
        """Return how many bytes shared memory has."""

    def free(self, handle: int) -> None:
        """Give shared memory back."""

    def message(self) -> Structure | None:
        """Return the next message to this process's windows, or None where none waits."""

    def dispatch(self, message: Structure) -> None:
        """Hand a message to the window that it is for."""

    def close(self) -> None:
        """Take the window away."""
