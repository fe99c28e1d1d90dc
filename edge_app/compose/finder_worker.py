"""`python -m edge_app.compose.finder_worker KIND`: looks once for attached devices of a kind."""

import sys

import msgspec

from edge_app.domain.error import EdgeAppError
from edge_app.isolation.channel import Message
from edge_app.isolation.sandbox import HOLDING_A_DEVICE
from edge_app.isolation.worker import serve
from hardware.catalogue import FINDERS
from hardware.remote import PlacesReply, Refusal


def _answer(_: Message) -> Message:
    try:
        reply = PlacesReply(tuple(FINDERS[sys.argv[1]]()))
    except EdgeAppError as error:
        return Message(msgspec.msgpack.encode(Refusal(error.what, error.remedy)))
    return Message(msgspec.msgpack.encode(reply))


if __name__ == "__main__":
    serve(_answer, HOLDING_A_DEVICE)
