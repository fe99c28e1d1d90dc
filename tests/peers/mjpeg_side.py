"""A camera that speaks HTTP: `python -m tests.peers.mjpeg_side PORT`; the path says how it behaves.

/live is a sound stream; the other paths are those of `_Camera.do_GET`.
"""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

from tests.peers.burned import HEIGHT, WIDTH, luma, now_ms

FPS = 30


def jpeg(width=WIDTH, height=HEIGHT):
    grey = np.frombuffer(luma(now_ms(), width, height), np.uint8).reshape(height, width)
    return cv2.imencode(".jpg", cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR))[1].tobytes()


class _Camera(BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/refuses":
            return self.send_error(int(query))
        if path == "/silent":
            return time.sleep(3600)
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=next")
        self.end_headers()
        number, due = 0, time.monotonic()
        while True:
            number += 1
            self._send(path, number)
            due = max(due + 1 / FPS, time.monotonic() - 1)
            time.sleep(max(0, due - time.monotonic()))

    def _send(self, path, number):
        if path == "/ends" and number > 20:
            raise ConnectionAbortedError
        if path == "/stops" and number > 20:
            time.sleep(3600)
        whole = jpeg(2 * WIDTH, 2 * HEIGHT) if path == "/grows" and number > 20 else jpeg()
        if path == "/cut" and number % 2:
            whole = whole[: len(whole) // 2]
        head = f"--next\r\nContent-Type: image/jpeg\r\nContent-Length: {len(whole)}\r\n\r\n"
        self.wfile.write(head.encode() + whole + b"\r\n")

    def handle(self):
        try:
            super().handle()
        except ConnectionError:  # the client has gone, or we go
            self.close_connection = True

    def log_message(self, format, *args):  # noqa: A002  the name is http.server's
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), _Camera).serve_forever()
