"""`python -m edge_app.compose.capture_worker PLACE PROFILE [DRIVER...]`: one device, held here.

DRIVER is a kind whose driver may come with a package of somebody else.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

import msgspec

from edge_app.compose.drivers import profiled_scanner
from edge_app.domain.error import EdgeAppError, NothingYetError, SwappedKeyError
from edge_app.isolation.channel import Message
from edge_app.isolation.sandbox import HOLDING_A_DEVICE
from edge_app.isolation.worker import serve
from edge_app.ports import OpenScanner, Scanner, Settles, SortsByPatient
from hardware.profile import DeviceProfile
from hardware.remote import (
    AdjustRequest,
    ControlsReply,
    ControlsRequest,
    Done,
    FrameRequest,
    InfoReply,
    InfoRequest,
    LetGoRequest,
    NothingYet,
    Refusal,
    Request,
    ServeRequest,
    SettleRequest,
    TakeRequest,
    frame_message,
)


class Answering:
    """Takes the device at the first question and answers until the stream closes."""

    def __init__(self, scanner: Callable[[bytes], Scanner], stack: ExitStack) -> None:
        self._scanner = scanner
        self._stack = stack
        self._opens = b""
        self._opened: OpenScanner | None = None

    def _taken(self) -> OpenScanner:
        if self._opened is None:
            self._opened = self._stack.enter_context(self._scanner(self._opens).open())
        return self._opened

    def _reply(self, question: Message) -> Message:
        request: Request = msgspec.msgpack.decode(question.head, type=Request)
        if isinstance(request, InfoRequest):
            return Message(msgspec.msgpack.encode(InfoReply(self._scanner(b"").info())))
        if isinstance(request, TakeRequest):
            self._opens = request.opens
        if isinstance(request, LetGoRequest):
            self._stack.close()
            return Message(msgspec.msgpack.encode(Done()))
        return self.of_held(self._taken(), request)

    def of_held(self, device: OpenScanner, request: Request) -> Message:
        """Return the answer to what is asked of the device while it is held."""
        if isinstance(request, FrameRequest):
            return frame_message(device.frame())
        if isinstance(request, ControlsRequest):
            return Message(msgspec.msgpack.encode(ControlsReply(tuple(device.controls()))))
        if isinstance(request, AdjustRequest):
            device.adjust(request.name, request.value)
        _tell(device, request)
        return Message(msgspec.msgpack.encode(Done()))

    def answer(self, question: Message) -> Message:
        """Return the answer to one question."""
        try:
            return self._reply(question)
        except NothingYetError as error:
            return Message(msgspec.msgpack.encode(NothingYet(error.what, error.remedy)))
        except EdgeAppError as error:
            is_swapped = isinstance(error, SwappedKeyError)
            return Message(msgspec.msgpack.encode(Refusal(error.what, error.remedy, is_swapped)))
        except msgspec.DecodeError:
            return Message(msgspec.msgpack.encode(Refusal("The question was not understood.", "")))


def _tell(device: OpenScanner, request: Request) -> None:
    """Tell a device whom the window serves, or what was decided; others have no use for it."""
    if isinstance(request, ServeRequest) and isinstance(device, SortsByPatient):
        device.serve(request.patient)
    if isinstance(request, SettleRequest) and isinstance(device, Settles):
        device.settle(request.sequence, request.decision)


def hold(arguments: Sequence[str], answering: type[Answering] = Answering) -> None:
    """Answer what is asked of the device that the arguments name, until the stream closes."""
    with ExitStack() as stack:
        place, written, *allowed = arguments
        profile = msgspec.json.decode(written, type=DeviceProfile)
        scanner = partial(profiled_scanner, place, profile, allowed)
        serve(answering(scanner, stack).answer, HOLDING_A_DEVICE)


if __name__ == "__main__":
    hold(sys.argv[1:])
