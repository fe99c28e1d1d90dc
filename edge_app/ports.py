"""What the app asks of the outside; each port has a real answer and a simulated one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol, runtime_checkable

from edge_app.domain.about import DetectorCard, OpenSocket, Part, Peer
from edge_app.domain.image import CapturedImage, Pixels
from edge_app.domain.manifest import DetectorManifest
from edge_app.domain.outbox import CancelReason, Job, Send, Waiting
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import Reading
from edge_app.domain.study import Study, StudyState


class DeviceState(Enum):
    """Whether a device can be used now."""

    READY = "ready"
    ABSENT = "absent"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Control:
    """A knob of a device that a person or program may turn; values from `low` to `high`."""

    name: str
    unit: str
    low: float
    high: float
    value: float


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """One attached device.

    Attributes:
        device_id: Stable across restarts.
        kind: What it is to a clinic: "microscope", "replay", "camera".
        capabilities: Words such as "live", "focus", "stage", "lamp". Four are acted upon:
            "stills" (each frame is a picture of its own, taken when the device chose),
            "repeats" (the same pixels may honestly come again), "settles" (held, it is a
            `Settles`) and "patients" (its pictures say whose they are; held, it is a
            `SortsByPatient`); see `domain.freshness`.
    """

    device_id: str
    kind: str
    name: str
    driver: str
    state: DeviceState
    capabilities: tuple[str, ...]


class OpenScanner(Protocol):
    """A device that this program holds; every call may block up to the device's deadline."""

    def frame(self) -> CapturedImage | None:
        """Return the next frame, or None where the device has no more to give, ever.

        Raises:
            NothingYetError: The device waits, for a file or for somebody at its own shutter; it
                says so within two seconds, is still held, and is to be asked again.
            ScannerUnavailableError: The device went away or did not answer in time.
        """

    def controls(self) -> Sequence[Control]:
        """Return the knobs with their present values."""

    def adjust(self, name: str, value: float) -> None:
        """Turn the knob `name`; values beyond its range stop at the end of it."""


class Decision(Enum):
    """What somebody decided on one frame."""

    KEPT = "kept"
    """It is in a study, and on the disk for good."""

    LEFT_OUT = "left out"
    """Nobody wants it."""

    FOR_LATER = "for later"
    """It comes again when its own patient is there."""


@runtime_checkable
class Settles(Protocol):
    """What a held device can do besides, that has something to do once a frame is kept."""

    def settle(self, sequence: int, decision: Decision) -> None:
        """Take it that somebody decided on the frame `sequence`."""


@runtime_checkable
class SortsByPatient(Settles, Protocol):
    """What a held device can do besides, whose pictures say whose they are.

    Once `serve` was called, a frame comes again until it was settled; without it, a frame counts
    as kept when the next one is asked for.
    """

    def serve(self, patient: PatientRef) -> None:
        """Give what is of `patient` before anything else, in the order of arrival.

        What is not comes one picture at a time, the next one when that was settled, and waits
        for its own patient. What was left for another patient counts as new.
        """

    def settle(self, sequence: int, decision: Decision) -> None:
        """Take it that somebody decided on the frame `sequence`.

        One that is not of the patient served is never taken for kept. With it, what else waits
        under the same identifier is left.
        """


class Scanner(Protocol):
    """A device that delivers images."""

    def info(self) -> DeviceInfo:
        """Return what the device is, without taking it."""

    def open(self) -> AbstractContextManager[OpenScanner]:
        """Take the device; leaving the block lets go of it.

        Raises:
            ScannerUnavailableError: The device is missing, busy, or refused.
        """


@dataclass(frozen=True, slots=True)
class MeasuredLight:
    """The light of an empty field, measured and not kept yet.

    Attributes:
        before: How far the darkest place or colour is below the brightest, as a share of it.
        after: The same, once it is evened out.
        keep: Puts it into the device's profile, durably; raises EdgeAppError where it cannot, and
            the profile is as it was.
    """

    day: date
    before: float
    after: float
    keep: Callable[[], None]


@dataclass(frozen=True, slots=True)
class MeasuredSpacing:
    """The size of a pixel, measured and not kept yet; `keep` as for the light."""

    spacing_mm: float
    keep: Callable[[], None]


Point = tuple[float, float]
"""A place in a picture: x and y in pixels from its upper left corner."""


class Calibrator(Protocol):
    """Measures one device on its frames as it delivers them; changes nothing until `keep`.

    Every measuring raises ScannerUnavailableError where the device is gone, or its frames do not
    show what they must; it says what to do then.
    """

    @property
    def scanner(self) -> Scanner:
        """The device, unmeasured and unturned; while it is held, its holder may measure."""

    @property
    def spacing_mm(self) -> float | None:
        """What the profile says of the size of a pixel so far."""

    def light(self) -> MeasuredLight:
        """Measure the light of the empty bright field that the held device shows now."""

    def by_lines(self, image: CapturedImage, apart_mm: float, spaces: int) -> MeasuredSpacing:
        """Measure by upright lines on one of its last frames; about `spaces` go across it."""

    def by_marks(
        self, image: CapturedImage, marks: Sequence[Point], apart_mm: float
    ) -> MeasuredSpacing:
        """Measure by two places on a frame that are `apart_mm` from each other."""


class Calibrations(Protocol):
    """What can be measured of the devices that the window offers."""

    def of(self, place: int) -> Calibrator:
        """Return what measures the device in that place of the list, without taking it.

        Raises:
            EdgeAppError: What is measured of it could not be kept; says why, and what to do.
        """


class Detector(Protocol):
    """One loaded detector package on one execution provider."""

    @property
    def manifest(self) -> DetectorManifest:
        """What the package says of itself."""

    def read(self, image: CapturedImage) -> Reading:
        """Return the complete reading of `image`.

        Raises:
            ReadingFailedError: The answer was missing, late, or cannot be trusted.
        """


class AnalysisSwitch(Protocol):
    """Goes off by itself where analysing failed too often; only a person puts it on again."""

    @property
    def is_off(self) -> bool:
        """Whether nothing is analysed until `start_again`."""

    def start_again(self) -> None:
        """Put the analysis on again; changes nothing where it is on."""


class Selftest(Protocol):
    """Tests the detector on this machine beside the work, and has the best that agrees used."""

    @property
    def is_due(self) -> bool:
        """Whether it has to run."""

    def run(self) -> None:
        """Test; readings go on meanwhile."""

    def take_up(self) -> str:
        """Use what was chosen, without a pause; return provider and variant in words.

        Raises:
            DetectorRefusedError: Nothing agrees on this machine any more.
        """


class LargeImage(Protocol):
    """A picture that is walked from top to bottom and need never be held whole."""

    @property
    def width(self) -> int:
        """Width in pixels."""

    @property
    def height(self) -> int:
        """Height in pixels."""

    def rows(self, top: int, bottom: int) -> Pixels:
        """Return rows `top` to `bottom` (exclusive), uint8 [h, width, 3], RGB, read-only.

        Neither edge may ever be above that of the call before.

        Raises:
            ImageRefusedError: The picture is cut off or damaged there.
        """


@dataclass(frozen=True, slots=True)
class StudySummary:
    """One line of a list of studies."""

    study_id: str
    patient: PatientRef
    started_at: datetime
    state: StudyState
    outcome: str
    n_images: int
    n_findings: int


class SavedStudies(Protocol):
    """What was kept, for whoever only looks."""

    def study(self, study_id: str) -> Study:
        """Return the newest version of one study.

        Raises:
            StudyUnknownError: There is none.
        """

    def signed_version(self, study_id: str, version: int) -> Study:
        """Return one study as it once was signed.

        Raises:
            StudyUnknownError: No such version was signed.
        """

    def signed_versions(self, study_id: str) -> list[int]:
        """Return the versions of one study that were signed, the first one first."""

    def studies(self, search: str = "", most: int = -1) -> Iterator[StudySummary]:
        """Yield studies, newest first: all, or at most so many that `search` fits.

        Each word of it is a part of the patient's identifier or name, the study's id or ISO day.
        """

    def holds(self, image_hash: str) -> bool:
        """Return whether an image of that hash is saved in any study."""

    def pixels(self, study: Study, image_id: str) -> CapturedImage:
        """Return a saved image.

        Raises:
            StudyUnknownError: The study has no such image.
            StudyDamagedError: The file is missing or does not match its record.
        """


class StudyStore(SavedStudies, Protocol):
    """Keeps studies; what a method returned is on the disk for good."""

    def start(self, study: Study) -> Study:
        """Keep a new study and return it with its version."""

    def capture(self, study: Study, image: CapturedImage) -> Study:
        """Keep `image` in `study`; return the study as it is on the disk.

        Raises:
            NotSavedError: Nothing was acknowledged; the study is as before.
            StudyChangedError: The study has a newer version.
        """

    def save(self, study: Study, act: str, sends: Sequence[Send] = ()) -> Study:
        """Keep a changed study and what it sends; `act` is for the audit. Raises likewise."""


class Outbox(Protocol):
    """What still has to leave a study; each thing is sent once, however often it is tried."""

    def work(self) -> float | None:
        """Send the job that is due, if any; return the seconds until the next, None for none."""

    def jobs(self, study_id: str = "") -> Sequence[Job]:
        """Return every job, or those of one study, in the order in which they were asked for."""

    def unsent(self) -> Sequence[Job]:
        """Return every job that is not sent, and that nobody has cancelled."""

    def waiting(self) -> Sequence[Waiting]:
        """Return what `unsent` does, with since when, and whose for whoever may see studies."""

    def ask_to_print(self, study_id: str, printer: str) -> Job:
        """Have the newest report of a study printed; what still waits is not asked for twice."""

    def retry(self, key: str) -> None:
        """Have a job tried again now."""

    def cancel(self, key: str, reason: CancelReason) -> None:
        """Have a job not sent any more, for a reason; what is at its place already stays."""


class About(Protocol):
    """What is inside this program, and whom it may meet; nothing of a patient.

    Attributes:
        version: Of the program.
    """

    version: str

    def parts(self) -> Sequence[Part]:
        """Return every library that is inside, by name."""

    def detectors(self) -> Sequence[DetectorCard]:
        """Return every detector whose package is sound."""

    def peers(self) -> Sequence[Peer]:
        """Return whom the site's files name; nothing else is contacted."""

    def sockets(self) -> Sequence[OpenSocket] | None:
        """Return the network sockets that are open now; None where the system does not say."""


class Clock(Protocol):
    """Where the app reads the time."""

    def now(self) -> datetime:
        """Return the wall clock with time zone."""

    def monotonic_ns(self) -> int:
        """Return the monotonic clock."""
