"""An accelerator that stops costs time, never an answer, and nobody is told that it still runs."""

from pathlib import Path

import pytest

from edge_app.domain.error import DetectorRefusedError, RuntimeStoppedError
from edge_app.domain.reading import Outcome
from edge_app.inference.choice import Choice
from edge_app.inference.detector import Checked, OnnxDetector
from edge_app.inference.fallback import FallingBack
from edge_app.inference.loading import load_detector
from edge_app.inference.session import Session
from tests.fakes import an_image

PACKAGE = Path(__file__).parents[3] / "models/onnx/blood-smear"


class StoppingInner:
    """A runtime's session that works `good` times and then finds no memory."""

    def __init__(self, inner, good):
        self._inner = inner
        self._good_left = good

    def get_inputs(self):
        return self._inner.get_inputs()

    def run(self, names, feed):
        if not self._good_left:
            raise RuntimeError("CUDA failure 2: out of memory")
        self._good_left -= 1
        return self._inner.run(names, feed)


class Loading:
    """Loads the real detector, with an accelerator that stops after `good` runs before it."""

    def __init__(self, good, provider="cuda", then=None):
        self.asked = []
        self._good = good
        self._provider = provider
        self._then = then

    def __call__(self, choice):
        self.asked.append(choice.provider)
        real = load_detector(PACKAGE, Choice("int8", "cpu"))
        if len(self.asked) > 1:
            if self._then:
                raise self._then
            return real
        session = Session(StoppingInner(real.session.inner, self._good), self._provider)
        manifest = real.manifest
        checked = Checked(manifest.variant("int8"), session, "test")
        return OnnxDetector(manifest, checked, manifest.point(manifest.default_point))


@pytest.fixture
def image():
    return an_image()


def test_a_reading_is_made_by_the_cpu_where_the_accelerator_stops_and_says_so(image):
    load = Loading(good=1)
    detector = FallingBack(load, Choice("int8"))
    first = detector.read(image)
    second = detector.read(image)

    assert (first.certificate.provider, second.certificate.provider) == ("cuda", "cpu")
    assert second.outcome is not Outcome.NOT_ANALYSED
    assert first.detections == second.detections
    assert detector.certificate.provider == "cpu"


def test_an_accelerator_that_stopped_is_not_tried_at_every_image(image):
    load = Loading(good=0)
    detector = FallingBack(load, Choice("int8"))
    for _ in range(3):
        detector.read(image)

    assert load.asked == ["auto", "cpu"]


def test_the_cpu_that_stops_has_nothing_to_fall_back_on(image):
    load = Loading(good=0, provider="cpu")

    with pytest.raises(RuntimeStoppedError):
        FallingBack(load, Choice("int8")).read(image)
    assert load.asked == ["auto"]


def test_a_cpu_that_did_not_pass_its_check_gives_no_answer_then_or_later(image):
    refused = DetectorRefusedError("int8 on cpu disagrees.", "Run the self-test.")
    detector = FallingBack(Loading(good=0, then=refused), Choice("int8"))

    for _ in range(2):
        with pytest.raises(DetectorRefusedError, match="disagrees"):
            detector.read(image)
