"""What this program is made of, and whom it may meet."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A library that is inside, with its licence as its maker wrote it."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class DetectorCard:
    """An installed detector.

    Attributes:
        card: What its package says of it, in Markdown.
    """

    title: str
    version: str
    licence: str
    card: str


@dataclass(frozen=True, slots=True)
class Peer:
    """A device or program that a file of the site names; nothing else is contacted.

    Attributes:
        named_in: The file.
        address: Where it is, without a password.
    """

    name: str
    address: str
    named_in: str


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """A network socket that a process of this program has open now.

    Attributes:
        process: The process's name, as the system says it.
        peer: Whom it is connected with; empty where it waits for somebody.
    """

    process: str
    protocol: str
    here: str
    peer: str
