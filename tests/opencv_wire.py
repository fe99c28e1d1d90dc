"""A camera behind OpenCV's VideoCapture: faked, and a film that the real one plays in its time."""

import cv2
import numpy as np

RATE = 100.0
SIDES = {cv2.CAP_PROP_FRAME_WIDTH: 64.0, cv2.CAP_PROP_FRAME_HEIGHT: 48.0}


def noise(seed):
    return np.random.default_rng(seed).integers(0, 255, (48, 64, 3)).astype(np.uint8)


class FakeCamera:
    """One camera and what it does when it is pulled out.

    Attributes:
        waiting: How many frames wait, from before, and how long each takes to be handed over.
        gone: None, or what `read` gives from then on: "nothing", "last" or "last, in its time".
        takes: The properties that it has, and their values.
    """

    def __init__(self, clock):
        self.clock = clock
        self.is_there = True
        self.is_still = False
        self.gone = None
        self.waiting, self.waiting_s = 0, 0.0
        self.n_sent = 0
        self.n_held = 0
        self.takes = dict(SIDES) | {cv2.CAP_PROP_FPS: RATE, cv2.CAP_PROP_GAIN: 4.0}
        self.set_in_order = []

    def opened(self, number):
        if not self.is_there or number != 0:
            return None
        self.n_held += 1
        return FakeCapture(self)

    def pull(self, gone):
        self.is_there, self.gone = False, gone

    def plug(self):
        self.is_there, self.gone = True, None
        self.takes = dict(SIDES) | {cv2.CAP_PROP_FPS: RATE, cv2.CAP_PROP_GAIN: 4.0}


class FakeCapture:
    def __init__(self, camera):
        self.camera = camera
        self.is_pulled = False
        self.last = None

    def isOpened(self):  # noqa: N802  OpenCV's name
        return True

    def read(self):
        camera = self.camera
        camera.clock.sleep(0.001)
        self.is_pulled |= camera.gone is not None
        if self.is_pulled:
            if camera.gone == "last, in its time":
                camera.clock.sleep(1 / RATE)
            return (False, None) if camera.gone in {"nothing", None} else (True, self.last.copy())
        if camera.waiting:
            camera.waiting -= 1
            camera.clock.sleep(camera.waiting_s)
            return True, noise(10_000 + camera.waiting)
        camera.clock.sleep(1 / RATE)
        camera.n_sent += not camera.is_still
        self.last = noise(camera.n_sent)
        return True, self.last.copy()

    def get(self, number):
        return self.camera.takes.get(number, 0.0)

    def set(self, number, value):
        if number not in self.camera.takes:
            return False
        self.camera.set_in_order.append(number)
        self.camera.takes[number] = value
        return True

    def release(self):
        self.camera.n_held -= 1


class FilmedCamera:
    """A film in a file, which the real VideoCapture opens; each frame comes in its time."""

    def __init__(self, path, clock):
        self.path = path
        self.clock = clock
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 50, (64, 48))
        for seed in range(60):
            writer.write(np.full((48, 64, 3), 4 * seed, np.uint8) + noise(seed) // 64)
        writer.release()

    def opened(self, _number):
        return PacedCapture(cv2.VideoCapture(str(self.path)), self.clock)


class PacedCapture:
    """A capture that waits for each frame as a camera does; a file's frames are all there."""

    def __init__(self, capture, clock):
        self.capture = capture
        self.clock = clock
        self.isOpened, self.get, self.set = capture.isOpened, capture.get, capture.set
        self.release = capture.release

    def read(self):
        self.clock.sleep(1 / self.capture.get(cv2.CAP_PROP_FPS))
        return self.capture.read()
