"""The state behind the pages: one study from its patient to its signature, free of Qt."""

from collections.abc import Callable, Iterable
from functools import partial

from edge_app.domain.belonging import mismatch
from edge_app.domain.error import NotSavedError
from edge_app.domain.field_change import repeats
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.presence import Doubt
from edge_app.domain.reading import Reading, not_analysed
from edge_app.domain.study import Study, Verdict
from edge_app.ui.lanes import Answer, Lane, Runner, Ticket
from edge_app.ui.outbox_run import OutboxRun
from edge_app.ui.parts import KioskParts
from edge_app.ui.reviewing import Reviewing
from edge_app.ui.steps import Activity, Step
from edge_app.ui.study_writes import Change, StudyWrites
from edge_app.ui.whose import Whose, refusal_of, wanted
from edge_app.workflow import examine, review

__all__ = ["Activity", "Step", "StudyFlow"]
BROKEN = "The detector stopped with an error of the program."


class StudyFlow:
    """Leads one study along the path; `on_change` is called after each change of its state."""

    def __init__(
        self,
        parts: KioskParts,
        runner: Runner,
        on_change: Callable[[], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self.parts = parts
        self._runner = runner
        self._on_change, self._tell_error = on_change, on_error
        self.is_store_ready = True
        self.recovered = set(parts.recovered)
        self.whose = Whose(parts.clock, on_change)
        self.outbox = OutboxRun(parts.outbox, runner, parts.clock, on_change, on_error)
        self.reviewing = Reviewing(parts, lambda: self.study, self.add, self._changed)
        self._visit = 0
        self._forget()

    def _forget(self) -> None:
        self._visit += 1
        self.step = Step.PATIENT
        self.activity = Activity.NONE
        self.image_id = ""
        self.images: dict[str, CapturedImage] = {}
        self.unsaved: CapturedImage | None = None
        self.repeated: set[str] = set()
        self.activity_since_ns = 0
        self._writes: StudyWrites | None = None
        self._tickets: list[Ticket] = []
        self.reviewing.forget()

    @property
    def study(self) -> Study | None:
        """The study as it is shown, or None between patients."""
        return self._writes.shown if self._writes else None

    @property
    def is_settled(self) -> bool:
        """Whether everything that is shown is on the disk."""
        return self._writes is None or self._writes.is_settled

    @property
    def image(self) -> CapturedImage | None:
        """The image that the pages show: the one on its way to the disk, else the chosen one."""
        return self.unsaved or self.images.get(self.image_id)

    @property
    def is_saved(self) -> bool:
        """Whether the shown image is on the disk; nothing else may be called saved."""
        return self.unsaved is None and self.image_id in self.images

    @property
    def reading(self) -> Reading | None:
        """What was said of the shown image."""
        return self.study.readings.get(self.image_id) if self.study else None

    @property
    def can_undo(self) -> bool:
        """Whether a step of the review can be taken back."""
        return self.reviewing.can_undo

    @property
    def is_signed(self) -> bool:
        """Whether nothing can be changed any more."""
        return bool(self.study and self.study.signature)

    @property
    def doubt(self) -> Doubt | None:
        """Why nobody can be sure whose the next picture is; None where it is clear."""
        return self.whose.doubt if self.study and not self.is_signed else None

    @property
    def can_capture(self) -> bool:
        """Whether a picture can be taken now; one that is being read does not stand in the way."""
        is_free = self.activity in (Activity.NONE, Activity.READING)
        is_open = self.study is not None and not self.is_signed
        return is_open and is_free and self.doubt is None

    def can_go(self, step: Step) -> bool:
        """Return whether the path leads to `step` now."""
        if self.activity is Activity.SAVING:
            return False
        if step is Step.READ:
            return self.activity is Activity.READING
        if step in (Step.REVIEW, Step.SIGN):
            return bool(self.image_id) and self.activity is not Activity.READING
        if step is Step.CAPTURE:
            return self.study is not None and not self.is_signed
        return not self.is_signed

    def go(self, step: Step) -> None:
        """Show another step; nothing is lost by it."""
        if self.can_go(step):
            self.step = step
            self._on_change()

    def show_image(self, image_id: str) -> None:
        """Show another image of the study."""
        self.image_id = image_id
        self._on_change()

    def begin(self, patient: PatientRef) -> None:
        """Start a study, or say whose the present one is, unless its pictures say otherwise."""
        refusal = refusal_of(self.study, self.images, patient)
        if refusal:
            self._tell_error(refusal)
            return
        self.whose.confirmed()
        if self._writes:
            self.step = Step.CAPTURE if not self.image_id else Step.REVIEW
            self.add(
                Change(
                    keep=lambda s: review.identify(self.parts.store, s, patient),
                    preview=lambda s: review.with_patient(s, patient),
                    kept=self._changed,
                )
            )
        elif self.activity is Activity.NONE:
            self._set_activity(Activity.STARTING)
            store, clock = self.parts.store, self.parts.clock
            self._ask(Lane.STORE, lambda: examine.begin(store, clock, patient), self._begun)

    def _begun(self, study: Study) -> None:
        self._writes = StudyWrites(study, self.parts.store, self._runner, self._error)
        self.step = Step.CAPTURE
        self._set_activity(Activity.NONE)

    def open_study(self, study_id: str) -> None:
        """Show a study that was kept: a signed one as it was signed, another one to go on with."""
        if self.activity is not Activity.NONE:
            return
        self.next_patient()
        self._set_activity(Activity.OPENING)
        store = self.parts.store
        self._ask(Lane.STORE, lambda: examine.opened(store, study_id), self._opened)

    def _opened(self, opened: examine.Opened) -> None:
        self.recovered.discard(opened.study.study_id)
        self._writes = StudyWrites(opened.study, self.parts.store, self._runner, self._error)
        self.images = dict(opened.images)
        self.image_id = next(reversed(self.images), "")
        self.whose.confirmed()
        if not self.images:
            self.step = Step.CAPTURE
        else:
            self.step = Step.SIGN if opened.study.signature else Step.REVIEW
        self._set_activity(Activity.NONE)
        self.outbox.watch(opened.study.study_id)

    def add(self, change: Change) -> None:
        """Queue a change of the open study, and show it."""
        if self._writes:
            self._writes.add(change)
            self._on_change()

    def has_kept(self, image: CapturedImage) -> bool:
        """Return whether this very frame is in the study; it is no new picture then."""
        return any(kept is image for kept in self.images.values())

    def capture(self, image: CapturedImage) -> None:
        """Keep `image`, then have it read; a second press while one is kept changes nothing."""
        if self._writes is None or not self.can_capture or self.has_kept(image):
            return
        if mismatch(image.belongs, wanted(self._writes.shown, self.images)):
            return
        self.unsaved = image
        self.step = Step.READ
        self._set_activity(Activity.SAVING)
        store = self.parts.store
        self._writes.add(
            Change(
                keep=lambda s: examine.keep(store, s, image),
                kept=partial(self._image_kept, image),
                failed=self._image_not_kept,
            )
        )

    def _image_not_kept(self) -> None:
        self.unsaved = None
        self.step = Step.CAPTURE
        self._set_activity(Activity.NONE)

    def _image_kept(self, image: CapturedImage, study: Study) -> None:
        self.is_store_ready = True
        former = self.images.get(study.images[-2].image_id) if len(study.images) > 1 else None
        self.image_id = study.images[-1].image_id
        self.images[self.image_id] = image
        if former and repeats(image.pixels, former.pixels) > 1:
            self.repeated.add(self.image_id)
        self.whose.kept(self.image_id, image)
        self.unsaved = None
        self._read()

    @property
    def is_analysis_off(self) -> bool:
        """Whether nothing is read until a person starts the analysis again."""
        return bool(self.parts.analysis and self.parts.analysis.is_off)

    def read_again(self) -> None:
        """Have the shown image read as a person asked, which starts an analysis that is off."""
        if self.parts.analysis:
            self.parts.analysis.start_again()
        self._read()

    def _read(self) -> None:
        image = self.images[self.image_id]
        self.step = Step.READ
        self._set_activity(Activity.READING)
        self._ask(
            Lane.DETECT,
            lambda: examine.read(self.parts.detector, image),
            partial(self._was_read, self.image_id),
            partial(self._reading_broke, self.image_id),
        )

    def _reading_broke(self, image_id: str, error: Exception) -> None:
        image = self.images.get(image_id)
        if image:
            self._was_read(image_id, not_analysed(image.hash, self.detector_name, BROKEN))
        self._error(error)

    @property
    def detector_name(self) -> str:
        """Name of the loaded detector package; empty where there is none."""
        return self.parts.detector.manifest.name if self.parts.detector else ""

    def _was_read(self, image_id: str, reading: Reading) -> None:
        if self._writes is None:
            return
        self.reviewing.forget()
        store = self.parts.store
        self._writes.add(
            Change(
                keep=lambda s: examine.keep_reading(store, s, image_id, reading),
                kept=lambda _study: self._read_finished(image_id),
                failed=partial(self._read_finished, image_id),
            )
        )

    def _read_finished(self, image_id: str) -> None:
        if self.unsaved or image_id != self.image_id:
            self._on_change()
            return
        if self.step is Step.READ:
            self.step = Step.REVIEW
        self._set_activity(Activity.NONE)

    def retake(self) -> None:
        """Leave the shown image out of the study and go back to the live picture."""
        if self._writes is None or self.activity is not Activity.NONE:
            return
        gone, store = self.image_id, self.parts.store
        self.reviewing.forget()
        self.whose.doubtful.pop(gone, None)
        self._writes.add(
            Change(
                keep=lambda s: examine.retake(store, s, gone),
                preview=lambda s: s.without_image(gone),
                kept=self._changed,
                failed=lambda: self.show_image(gone),
            )
        )
        left = self._writes.shown.images
        self.image_id = left[-1].image_id if left else ""
        self.go(Step.CAPTURE)

    def read_by_eye(self) -> None:
        """Let a person answer for the shown image."""
        self.reviewing.read_by_eye(self.image_id)

    def judge(self, indices: Iterable[int], verdict: Verdict) -> None:
        """Give findings a verdict; it shows at once and can be undone."""
        self.reviewing.judge(indices, verdict)

    def undo(self) -> None:
        """Take back the last verdict, label or drawing, or all that was done with one touch."""
        self.reviewing.undo()

    def sign(self, signed_by: str) -> None:
        """Sign the study as it is on the disk; its report is written beside the window."""
        is_free = self.activity is Activity.NONE and not self.whose.doubtful
        if self._writes is None or not is_free or self.is_signed:
            return
        self._set_activity(Activity.SIGNING)
        store, clock = self.parts.store, self.parts.clock
        self._writes.add(
            Change(
                keep=lambda s: examine.sign(store, clock, s, signed_by),
                kept=self._signed,
                failed=lambda: self._set_activity(Activity.NONE),
            )
        )

    def _signed(self, study: Study) -> None:
        self.outbox.watch(study.study_id)
        self._set_activity(Activity.NONE)

    def next_patient(self) -> None:
        """Forget the study; it stays in the store, and late answers of it fall."""
        if self.activity is Activity.SAVING:
            return
        for ticket in self._tickets:
            ticket.drop()
        if self._writes:
            self._writes.leave()
        self.whose.left(self.images)
        self._forget()
        self._on_change()

    def _ask(
        self,
        lane: Lane,
        work: Callable[[], Answer],
        done: Callable[[Answer], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> None:
        gave_up = failed or partial(self._gave_up, self._visit)
        self._tickets.append(self._runner.submit(lane, work, done, gave_up))

    def _gave_up(self, visit: int, error: Exception) -> None:
        if visit == self._visit:
            self._set_activity(Activity.NONE)
        self._error(error)

    def _changed(self, _study: Study) -> None:
        self._on_change()

    def _set_activity(self, activity: Activity) -> None:
        self.activity = activity
        self.activity_since_ns = self.parts.clock.monotonic_ns()
        self._on_change()

    def _error(self, error: Exception) -> None:
        if isinstance(error, NotSavedError):
            self.is_store_ready = False
        self._on_change()
        self._tell_error(error)
