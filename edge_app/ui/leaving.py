"""One signed study on its way out without names, picture by picture; free of Qt."""

from collections.abc import Callable

from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage
from edge_app.domain.outbox import Job
from edge_app.domain.study import Study
from edge_app.ui.lanes import Answer, Lane, Runner, Ticket
from edge_app.workflow.deidentify import LeavesWithoutNames, without_text


class Leaving:
    """What was found, what a person added, and which pictures they looked at.

    Attributes:
        place: Of the picture that is shown.
        found: Where text stands in each picture; None until the search has ended.
        job: What became of the files in the outbox; None before they were asked for.
    """

    def __init__(
        self,
        study: Study,
        images: list[CapturedImage],
        way: LeavesWithoutNames,
        runner: Runner,
        on_change: Callable[[], None],
    ) -> None:
        self._study, self.images, self._way = study, images, way
        self._runner, self._on_change = runner, on_change
        self._tickets: list[Ticket] = []
        self._on_error: Callable[[Exception], None] = lambda _error: None
        self.place = 0
        self.found: list[tuple[Box, ...]] | None = None
        self.job: Job | None = None
        self.is_writing = False
        self.has_failed = False
        self._added: list[list[Box]] = [[] for _ in images]
        self._looked_at: set[int] = set()
        self._corner: tuple[float, float] | None = None

    def begin(self, on_error: Callable[[Exception], None]) -> None:
        """Have every picture searched, beside the window."""
        self._on_error = on_error
        self._ask(lambda: self._way.search(self.images), self._searched)

    def _ask(self, work: Callable[[], Answer], done: Callable[[Answer], None]) -> None:
        self._tickets.append(self._runner.submit(Lane.EXPORT, work, done, self._failed))

    def _searched(self, found: list[tuple[Box, ...]]) -> None:
        self.found = found
        self._on_change()

    def _failed(self, error: Exception) -> None:
        self.is_writing, self.has_failed = False, self.found is None
        self._on_change()
        self._on_error(error)

    @property
    def shown(self) -> CapturedImage | None:
        """The picture as it would leave; None until it was searched."""
        if self.found is None:
            return None
        (made,) = without_text([self.images[self.place]], [self.places()[self.place]])
        return made

    def places(self) -> list[tuple[Box, ...]]:
        """Return what is black in each picture."""
        found = self.found or [() for _ in self.images]
        return [(*a, *b) for a, b in zip(found, self._added, strict=True)]

    @property
    def is_looked_at(self) -> bool:
        """Whether a person said of the shown picture that it names nobody."""
        return self.place in self._looked_at

    @property
    def is_begun(self) -> bool:
        """Whether the first corner of another place was touched."""
        return self._corner is not None

    @property
    def can_undo(self) -> bool:
        """Whether a person added a place to the shown picture."""
        return bool(self._added[self.place]) or self.is_begun

    @property
    def can_write(self) -> bool:
        """Whether every picture was searched and looked at."""
        is_free = self.found is not None and not self.is_writing and not self.job
        return is_free and len(self._looked_at) == len(self.images)

    def show(self, place: int) -> None:
        """Show another picture."""
        self.place = max(0, min(place, len(self.images) - 1))
        self._corner = None
        self._on_change()

    def touch(self, x: float, y: float) -> None:
        """Take one corner of a place that is to be black; the second one makes it so.

        What was said of the picture before does not hold any more.
        """
        if self.found is None or self.is_writing or self.job:
            return
        if self._corner is None:
            self._corner = (x, y)
        else:
            box = _between(self._corner, (x, y), self.images[self.place])
            self._corner = None
            if box:
                self._added[self.place].append(box)
                self._looked_at.discard(self.place)
        self._on_change()

    def undo(self) -> None:
        """Take the last added place, or its first corner, back."""
        if self._corner is not None:
            self._corner = None
        elif self._added[self.place]:
            self._added[self.place].pop()
            self._looked_at.discard(self.place)
        self._on_change()

    def say_looked_at(self, *, is_so: bool) -> None:
        """Take it that a person looked at the shown picture, or take that back."""
        if self.found is None:
            return
        if is_so:
            self._looked_at.add(self.place)
        else:
            self._looked_at.discard(self.place)
        self._on_change()

    def write(self) -> None:
        """Have the files written."""
        if not self.can_write:
            return
        self.is_writing = True
        places = self.places()
        self._ask(lambda: self._way.write(self._study, places), self._written)
        self._on_change()

    def _written(self, job: Job) -> None:
        self.is_writing, self.job = False, job
        self._on_change()

    def drop(self) -> None:
        """Let late answers fall."""
        for ticket in self._tickets:
            ticket.drop()


def _between(a: tuple[float, float], b: tuple[float, float], image: CapturedImage) -> Box | None:
    """Return the box between two corners, within the picture."""
    x0, x1 = (min(max(x, 0.0), float(image.width)) for x in sorted((a[0], b[0])))
    y0, y1 = (min(max(y, 0.0), float(image.height)) for y in sorted((a[1], b[1])))
    return Box(x0, y0, x1, y1) if x1 - x0 >= 1 and y1 - y0 >= 1 else None
