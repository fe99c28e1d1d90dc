"""What a technician does with this machine: examined and measured beside the window, and signed."""

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from edge_app import __version__
from edge_app.compose.beside_window import BesideWindow
from edge_app.compose.clock import SystemClock
from edge_app.compose.log_lines import last_lines
from edge_app.compose.media import media
from edge_app.compose.packages import package_folder
from edge_app.domain.commissioning import (
    CommissioningReport,
    DoctorCheck,
    Examination,
    Medium,
    Speed,
    Tried,
)
from edge_app.domain.error import EdgeAppError, ExportFailedError
from edge_app.domain.outbox import PROBLEM_WORDS, Send, SendFailedError, SendKind
from edge_app.durable import ensure_folder
from edge_app.exchange.commissioning import commissioning_json, commissioning_pdf
from edge_app.exchange.folder_delivery import FolderDelivery, mount_of, opened_folder
from edge_app.inference.package import load_package
from edge_app.settings import Settings
from edge_app.storage.report_key import ReportKey
from edge_app.workflow.commission import Told

_RUNS = 20
_SHOWN_LINES = 200


class NoAnswerError(EdgeAppError):
    """The process that should have looked at the machine said nothing that can be read."""

    code = "SVC-001"


class _Doctor(msgspec.Struct, frozen=True):
    checks: tuple[DoctorCheck, ...]
    tried: tuple[Tried, ...]


class _Way(msgspec.Struct, frozen=True):
    variant: str
    provider: str
    session_run_ms: float
    pipeline_ms: float
    cold_start_ms: float
    rss_mb: float


class _Bench(msgspec.Struct, frozen=True):
    detector: str
    results: tuple[_Way, ...]


def examined_beside(beside: BesideWindow) -> Examination:
    """Return what `edge-app doctor` answers.

    Raises:
        NoAnswerError: It was stopped, or broke.
    """
    try:
        said = msgspec.json.decode(beside.answer("doctor"), type=_Doctor)
    except msgspec.DecodeError as error:
        raise NoAnswerError(
            "The examination of this machine did not come to an end.", "Start it again."
        ) from error
    return Examination(said.checks, said.tried)


def measured_beside(beside: BesideWindow, detector: str, variant: str) -> list[Speed]:
    """Return what `edge-app bench` answers of one variant; nothing where it was stopped."""
    words = ("bench", "--detector", detector, "--variant", variant, "--runs", str(_RUNS))
    try:
        said = msgspec.json.decode(beside.answer(*words), type=_Bench)
    except msgspec.DecodeError as error:
        if beside.is_stopped:
            return []
        raise NoAnswerError(
            "The measuring did not come to an end.", "Look at the detector's self-test."
        ) from error
    return [Speed(said.detector, *msgspec.structs.astuple(way)) for way in said.results]


class MachineCommissioning:
    """Answers `Commissioning` for the detector that the window uses."""

    def __init__(
        self,
        settings: Settings,
        detector: str,
        key: ReportKey,
        note: Callable[[], str],
        who: str,
    ) -> None:
        """Take what signs, and what writes the making of a report down and returns the head."""
        self._settings, self._detector = settings, detector
        self._key, self._note, self._who = key, note, who
        self._beside = BesideWindow(settings)

    def examine(self) -> Examination:
        """Return what the doctor finds now."""
        self._beside.begin()
        return examined_beside(self._beside)

    def measure(self, told: Told) -> Sequence[Speed]:
        """Return the speed of each variant, on every provider that can be used."""
        self._beside.begin()
        manifest = load_package(package_folder(self._settings, self._detector)).manifest
        found: list[Speed] = []
        for number, variant in enumerate(manifest.variants, start=1):
            told(f"{number}/{len(manifest.variants)} {variant.name}")
            found += measured_beside(self._beside, manifest.name, variant.name)
        return found

    def stop(self) -> None:
        """End what runs."""
        self._beside.stop()

    def lines(self) -> Sequence[str]:
        """Return the last lines of the log."""
        return last_lines(self._settings.data_dir, _SHOWN_LINES)

    def media(self) -> Sequence[Medium]:
        """Return the sticks, and this machine's own folder."""
        return media(self._settings.data_dir / "commissioning")

    def write(
        self, examination: Examination, speeds: Sequence[Speed], medium: Medium
    ) -> Sequence[str]:
        """Put the report there as PDF and JSON, signed."""
        now = SystemClock().now()
        report = CommissioningReport(
            now, self._who, __version__, self._key.public, self._note(), examination, tuple(speeds)
        )
        pdf = commissioning_pdf(report)
        written = commissioning_json(report, pdf, self._key.signature)
        stem = f"commissioning-{now:%Y%m%d-%H%M%S}"
        return _put(Path(medium.folder), {f"{stem}.pdf": pdf, f"{stem}.json": written})


def _put(folder: Path, files: dict[str, bytes]) -> list[str]:
    """Put each file there, whole and read back; raises ExportFailedError."""
    try:
        if not folder.is_mount():
            ensure_folder(folder)
        with opened_folder(Send(SendKind.FILES, str(folder), str(mount_of(folder)))) as handle:
            delivery = FolderDelivery(handle, "edge", {}, lambda *_: None)
            for name, content in files.items():
                delivery.put(name, lambda content=content: content)  # type: ignore[misc]  # bound
    except SendFailedError as error:
        raise ExportFailedError(PROBLEM_WORDS[error.problem], "") from error
    except OSError as error:
        raise ExportFailedError(
            f"The report could not be written: {(error.strerror or 'no answer').lower()}.",
            "Choose another medium.",
        ) from error
    return [str(folder / name) for name in files]
