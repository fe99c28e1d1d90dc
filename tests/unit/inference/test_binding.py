"""Bound runs answer bit for bit as plain ones, and no answer is ever another one's."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from edge_app.domain.error import ReadingFailedError, RuntimeStoppedError
from edge_app.inference import golden
from edge_app.inference.binding import BoundRuns
from edge_app.inference.decoders.table import rows_of
from edge_app.inference.detector import Checked, OnnxDetector
from edge_app.inference.package import load_package, packages_in
from edge_app.inference.preprocess import prepare
from edge_app.inference.providers import PROVIDERS
from edge_app.inference.session import open_session
from tests.smears import PACKAGE, a_field

PACKAGES = packages_in(PACKAGE.parent)


def bound(session):
    """Return the session bound as on an accelerator, in the CPU's memory."""
    return replace(session, bound=BoundRuns(session.inner, "cpu"))


def opened(package, variant="int8"):
    return open_session(package.model(package.variant(variant)), "cpu")


def tensors(package, numbers):
    return [prepare(a_field(n)[0].pixels, package.manifest.input).tensor for n in numbers]


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def package():
    return load_package(PACKAGE)


@pytest.mark.parametrize("variant", ["int8", "fp32"])
@pytest.mark.parametrize("folder", PACKAGES, ids=lambda f: f.name)
def test_every_shipped_detector_answers_bound_what_it_answers_plain(folder, variant):
    package = load_package(folder)
    session = opened(package, variant)
    tied = bound(session)

    assert golden.passed(package, package.variant(variant), tied)
    for tensor in tensors(package, (7, 11)):
        plain, again = session.run(tensor), tied.run(tensor)
        assert same(plain, again)
        assert [o.dtype for o in again] == [np.float32] * len(plain)


def test_an_answer_stays_what_it_was_when_the_next_picture_is_read(package):
    session = opened(package)
    tied = bound(session)
    pictures = tensors(package, (7, 8, 9))

    kept = [tied.run(tensor) for tensor in pictures]

    assert [same(answer, session.run(t)) for answer, t in zip(kept, pictures, strict=True)] == [
        True
    ] * 3
    kept[0][0][:] = 0  # a caller's own: changing it changes no other answer
    assert same(tied.run(pictures[0]), session.run(pictures[0]))


def test_two_tiles_at_once_never_get_each_others_answer(package):
    session = opened(package)
    tied = bound(session)
    pictures = tensors(package, (7, 8, 9, 11))
    want = [session.run(tensor) for tensor in pictures]

    with ThreadPoolExecutor(4) as pool:
        order = [n % 4 for n in range(120)]
        found = list(pool.map(lambda n: tied.run(pictures[n]), order))

    assert all(same(answer, want[n]) for answer, n in zip(found, order, strict=True))
    assert sum(map(len, tied.bound._free.values())) <= 4


class Idle:
    """A runtime that says it ran, and wrote nothing; or gives up."""

    def __init__(self, inner, error=None):
        self._inner, self._error = inner, error
        self.is_idle = False

    def run_with_iobinding(self, binding):
        if self.is_idle and self._error:
            raise self._error
        if not self.is_idle:
            self._inner.run_with_iobinding(binding)

    def __getattr__(self, name):
        return getattr(self._inner, name)


def test_a_run_that_wrote_nothing_is_no_answer_and_never_the_last_one(package):
    session = opened(package)
    lazy = Idle(session.inner)
    tied = replace(session, bound=BoundRuns(lazy, "cpu"))
    point = golden.default_point(package)
    detector = OnnxDetector(package.manifest, Checked(package.variant("int8"), tied, ""), point)
    assert detector.read(a_field(7)[0]).detections
    lazy.is_idle = True

    with pytest.raises(ReadingFailedError):
        detector.read(a_field(8)[0])
    with pytest.raises(ReadingFailedError):
        rows_of(tied.run(*tensors(package, (8,))), package.manifest)


def test_a_run_that_failed_is_told_and_its_place_is_not_used_again(package):
    session = opened(package)
    failing = Idle(session.inner, RuntimeError("CUDA failure 700"))
    tied = replace(session, bound=BoundRuns(failing, "cpu"))
    (tensor,) = tensors(package, (7,))
    tied.run(tensor)
    failing.is_idle = True

    with pytest.raises(RuntimeStoppedError):
        tied.run(tensor)
    assert sum(map(len, tied.bound._free.values())) == 0
    failing.is_idle = False
    assert same(tied.run(tensor), session.run(tensor))


def test_only_what_has_memory_of_its_own_is_bound(package):
    assert {p.name for p in PROVIDERS if p.memory} == {"cuda", "tensorrt"}
    assert opened(package).bound is None
