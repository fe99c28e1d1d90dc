"""What the window is made of; `compose` builds it, tests build it from fakes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_app.domain.setting import Setting
from edge_app.ports import (
    About,
    AnalysisSwitch,
    Calibrations,
    Clock,
    Detector,
    Outbox,
    Scanner,
    Selftest,
    StudyStore,
)
from edge_app.ui.detector_start import Preparation
from edge_app.workflow.commission import Commissioning
from edge_app.workflow.deidentify import LeavesWithoutNames
from edge_app.workflow.figures import Figures


@dataclass(frozen=True, slots=True)
class KioskParts:
    """The adapters behind the window.

    Attributes:
        detector: None where no detector could be loaded; capturing works all the same.
        provider_words: Provider and variant that really run, for example "CPU, int8"; empty
            where that is known only when `preparation` has ended.
        outbox: What brings reports and files to their places; None where whoever is in may not.
        analysis: What a person starts again where the detector's process failed too often.
        shutter: The keys that take a picture, by Qt's names of them.
        is_emergency: Whether the emergency code opened it, which is said all the time.
        wedge: What a bar-code scanner types before each code.
        card: What the detector's package says of it, in Markdown.
        calibrations: What measures the devices; they are not offered to be measured without it.
        who: Name of the account that is in; empty where nobody logged in.
        leaving: What lets a signed study leave without names; not offered without it.
        printers: Names of the site's printers; nothing is printed without one.
        recovered: Ids of studies in which a picture was kept after the program had stopped.
        held: Says which studies are under legal hold.
        preparation: What the detector is waited for by; None where it is ready, or there is none.
        upkeep: Does a little of what keeps the store well; asked once a minute, beside the work.
        selftest: What tests the detector on this machine, now and then.
        figures: How the work went; None for whoever may not count.
        settings: Reads what is set, for the page that shows it.
        about: What is inside the program; nothing is said of it without one.
        commissioning: What a technician does with this machine; None for whoever is none.
    """

    scanners: Sequence[Scanner]
    detector: Detector | None
    provider_words: str
    store: StudyStore
    outbox: Outbox | None
    clock: Clock
    analysis: AnalysisSwitch | None = None
    preparation: Preparation | None = None
    selftest: Selftest | None = None
    card: str = ""
    shutter: Sequence[str] = ("Space",)
    wedge: str = ""
    calibrations: Calibrations | None = None
    is_emergency: bool = False
    who: str = ""
    leaving: LeavesWithoutNames | None = None
    printers: Sequence[str] = ()
    recovered: Sequence[str] = ()
    held: Callable[[], frozenset[str]] = frozenset
    upkeep: Callable[[], None] | None = None
    commissioning: Commissioning | None = None
    about: About | None = None
    figures: Figures | None = None
    settings: Callable[[], Sequence[Setting]] | None = None
