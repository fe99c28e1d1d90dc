"""What a person makes of the open study's findings; each step can be undone until signing."""

from collections.abc import Callable, Iterable
from functools import partial

from edge_app.domain.geometry import Box
from edge_app.domain.study import Called, Study, Verdict
from edge_app.ui.parts import KioskParts
from edge_app.ui.study_writes import Change
from edge_app.workflow import examine, review
from edge_app.workflow.review import Drawing, Judgement


class Reviewing:
    """Queues verdicts, labels and drawings as changes, and remembers what was before each.

    Args:
        shown: Says the study as it is shown; None between patients.
        add: Queues a change of it.
        kept: Called with the study when a change is on the disk.
    """

    def __init__(
        self,
        parts: KioskParts,
        shown: Callable[[], Study | None],
        add: Callable[[Change], None],
        kept: Callable[[Study], None],
    ) -> None:
        self._parts = parts
        self._shown, self._add, self._kept = shown, add, kept
        self._before: list[tuple[Judgement, str]] = []

    def forget(self) -> None:
        """Offer nothing to be undone any more: the study is another, or says something else."""
        self._before.clear()

    @property
    def _open(self) -> Study | None:
        """The study while it may be changed."""
        study = self._shown()
        return study if study and not study.signature else None

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._before) and self._open is not None

    def judge(self, indices: Iterable[int], verdict: Verdict) -> None:
        """Give findings a verdict; it shows at once, and one undo takes all of them back."""
        study = self._open
        if study is None:
            return
        verdicts = {i: verdict for i in indices if study.marked[i].verdict is not verdict}
        if verdicts:
            act = f"judged {verdict.value}"
            self._step(
                study,
                "verdict undone",
                lambda s: review.judge_all(self._parts.store, s, verdicts, act),
                lambda s: review.with_verdicts(s, verdicts),
            )

    def rename(self, index: int, called: Called) -> None:
        """Correct the label of a finding, which accepts it as that."""
        study = self._open
        if study:
            self._step(
                study,
                "label undone",
                lambda s: review.rename(self._parts.store, s, index, called),
                lambda s: s.renamed(index, called),
            )

    def draw(self, image_id: str, box: Box, called: Called) -> None:
        """Keep what a person drew where the detector marked nothing."""
        study = self._open
        if study:
            drawing = Drawing(image_id, box, called, self._parts.who)
            drawn = review.drawn_at(self._parts.clock, drawing)
            self._step(
                study,
                "drawing undone",
                lambda s: review.draw(self._parts.store, s, drawn),
                lambda s: s.with_drawn(drawn),
            )

    def read_by_eye(self, image_id: str) -> None:
        """Let a person answer for an image without an answer."""
        study = self._open
        if study and image_id not in study.read_by_eye:
            self._step(
                study,
                "reading by eye undone",
                lambda s: examine.read_by_eye(self._parts.store, s, image_id),
                lambda s: s.with_read_by_eye(image_id),
            )

    def undo(self) -> None:
        """Take back the last step, or all that was done with one touch."""
        if self.can_undo:
            step = self._before.pop()
            before, act = step
            store, left = self._parts.store, len(self._before)
            self._add(
                Change(
                    keep=lambda s: review.undo(store, s, before, act),
                    preview=lambda s: review.with_judgement(s, before),
                    kept=self._kept,
                    failed=lambda: self._not_kept(left, step),
                )
            )

    def _step(
        self,
        study: Study,
        undone: str,
        keep: Callable[[Study], Study],
        preview: Callable[[Study], Study],
    ) -> None:
        failed = partial(self._not_kept, len(self._before))
        self._before.append((Judgement.of(study), undone))
        self._add(Change(keep, preview, self._kept, failed))

    def _not_kept(self, left: int, *still: tuple[Judgement, str]) -> None:
        """Remember only the steps that came to the disk: an undo takes back nothing else."""
        self._before[left:] = still
