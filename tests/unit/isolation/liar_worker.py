"""A detector's process for tests: presents itself well, then answers as its argument says."""

import sys
from dataclasses import replace

import msgspec

from edge_app.inference.messages import Present, PresentReply, ReadReply, Request, image_of
from edge_app.isolation.channel import Message
from edge_app.isolation.sandbox import sealed
from edge_app.isolation.worker import serve
from tests.fakes import a_certificate, a_reading, an_image


def answer(question: Message) -> Message:
    request = msgspec.msgpack.decode(question.head, type=Request)
    if isinstance(request, Present) or sys.argv[1] == "certificate":
        return Message(msgspec.msgpack.encode(PresentReply(a_certificate())))
    if sys.argv[1] == "another image":
        return Message(msgspec.msgpack.encode(ReadReply(a_reading(an_image()))))
    if sys.argv[1] == "another detector":
        reading = replace(a_reading(image_of(request, question.payload)), detector="other")
        return Message(msgspec.msgpack.encode(ReadReply(reading)))
    head = msgspec.msgpack.encode(ReadReply(a_reading(image_of(request, question.payload))))
    if sys.argv[1] == "no certificate":
        said = msgspec.msgpack.decode(head)
        said["reading"]["certificate"] = None
        return Message(msgspec.msgpack.encode(said))
    return Message(head[:-3] if sys.argv[1] == "cut" else b"\xc1 no msgpack")


if __name__ == "__main__":
    serve(answer, sealed())
