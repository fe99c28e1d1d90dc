"""A camera that speaks RTSP: `python3 rtsp_side.py PORT`, by gst-rtsp-server.

Runs under the system's own Python, which has the bindings; so it imports nothing of ours but a file
beside it.
"""

import argparse
import sys
import threading
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from burned import luma, now_ms  # noqa: E402
from gi.repository import GLib, Gst, GstApp, GstRtspServer  # noqa: E402, F401

FPS = 30


def launch(width, height):
    return (
        "( appsrc name=drawn is-live=true format=time do-timestamp=true"
        f" caps=video/x-raw,format=I420,width={width},height={height},framerate={FPS}/1"
        " ! jpegenc ! rtpjpegpay name=pay0 )"
    )


def draw(source, width, height):
    """Push pictures until the client has gone."""
    colourless = b"\x80" * (width * height // 2)
    due = time.monotonic()
    while True:
        picture = Gst.Buffer.new_wrapped(luma(now_ms(), width, height) + colourless)
        if source.emit("push-buffer", picture) != Gst.FlowReturn.OK:
            return
        due = max(due + 1 / FPS, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))


def configured(_, media, size):
    source = media.get_element().get_by_name_recurse_up("drawn")
    threading.Thread(target=draw, args=[source, *size], daemon=True).start()


def guarded(server, factory, user, password):
    """Let in nobody but `user`."""
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    role = Gst.Structure.new_empty("user")
    allowed = {"media.factory.access": True, "media.factory.construct": True}
    for right, is_allowed in allowed.items():
        role.set_value(right, is_allowed)
    factory.add_role_from_structure(role)


def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("port")
    # RTP's JPEG knows multiples of eight only.
    asked.add_argument("--size", nargs=2, type=int, default=(528, 96))
    asked.add_argument("--login", nargs=2)
    told = asked.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(told.port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch(*told.size))
    factory.set_shared(True)
    factory.connect("media-configure", configured, told.size)
    if told.login:
        guarded(server, factory, *told.login)
    server.get_mount_points().add_factory("/live", factory)
    if not server.attach(None):
        sys.exit("the port is taken")
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
