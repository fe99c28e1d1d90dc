"""`python -m edge_app.compose.capture_worker PLACE PROFILE`: one device, held in this process."""

import sys
from contextlib import ExitStack

import msgspec

from edge_app.compose.drivers import profiled_scanner
from edge_app.domain.error import EdgeAppError, NothingYetError
from edge_app.isolation.channel import Message
from edge_app.isolation.sandbox import HOLDING_A_DEVICE
from edge_app.isolation.worker import serve
from edge_app.ports import OpenScanner
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
    frame_message,
)


class _Answering:
    """Takes the device at the first question and answers until the stream closes."""

    def __init__(self, place: str, profile: DeviceProfile, stack: ExitStack) -> None:
        self._place = place
        self._profile = profile
        self._stack = stack
        self._opened: OpenScanner | None = None

    def _taken(self) -> OpenScanner:
        if self._opened is None:
            scanner = profiled_scanner(self._place, self._profile)
            self._opened = self._stack.enter_context(scanner.open())
        return self._opened

    def _reply(self, question: Message) -> Message:
        request: Request = msgspec.msgpack.decode(question.head, type=Request)
        if isinstance(request, InfoRequest):
            info = profiled_scanner(self._place, self._profile).info()
            return Message(msgspec.msgpack.encode(InfoReply(info)))
        if isinstance(request, LetGoRequest):
            self._stack.close()
            return Message(msgspec.msgpack.encode(Done()))
        device = self._taken()
        if isinstance(request, FrameRequest):
            return frame_message(device.frame())
        if isinstance(request, ControlsRequest):
            return Message(msgspec.msgpack.encode(ControlsReply(tuple(device.controls()))))
        if isinstance(request, AdjustRequest):
            device.adjust(request.name, request.value)
        return Message(msgspec.msgpack.encode(Done()))

    def answer(self, question: Message) -> Message:
        """Return the answer to one question."""
        try:
            return self._reply(question)
        except NothingYetError as error:
            return Message(msgspec.msgpack.encode(NothingYet(error.what, error.remedy)))
        except EdgeAppError as error:
            return Message(msgspec.msgpack.encode(Refusal(error.what, error.remedy)))
        except msgspec.DecodeError:
            return Message(msgspec.msgpack.encode(Refusal("The question was not understood.", "")))


if __name__ == "__main__":
    with ExitStack() as stack:
        profile = msgspec.json.decode(sys.argv[2], type=DeviceProfile)
        serve(_Answering(sys.argv[1], profile, stack).answer, HOLDING_A_DEVICE)
