"""The pages behind "More", made together and laid into the window together."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication

from edge_app.ui.about_page import AboutPage
from edge_app.ui.figures_page import FiguresPage
from edge_app.ui.icons import Icon
from edge_app.ui.inspection import Inspection
from edge_app.ui.lanes import Runner
from edge_app.ui.more_page import MorePage
from edge_app.ui.outbox_page import OutboxPage
from edge_app.ui.page import Page
from edge_app.ui.selftest_run import SelftestRun
from edge_app.ui.service_page import ServicePage
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette


@dataclass(frozen=True, slots=True)
class Behind:
    """What the pages show: it outlives them.

    Attributes:
        inspection: None for whoever is no technician.
    """

    inspection: Inspection | None
    selftest: SelftestRun
    runner: Runner
    on_error: Callable[[Exception], None]


class MorePages:
    """Every page behind "More".

    Attributes:
        more: The page that leads to the others.
        pages: All of them.
        outbox, service: None for whoever may not use it.
    """

    def __init__(
        self, flow: StudyFlow, behind: Behind, palette: Palette, go: Callable[[Page], None]
    ) -> None:
        """Take what they show, and what shows a page."""
        self.more = MorePage(flow, palette)
        self.more.wanted.connect(go)
        self._go = go
        self.pages: list[Page] = [self.more]
        self.outbox: OutboxPage | None = None
        if flow.parts.outbox:
            self.outbox = OutboxPage(flow, behind.runner, behind.on_error, palette)
            self.outbox.left.connect(self._back)
        self._offer(
            self.outbox, _tr("What still has to leave: reports, files, prints"), Icon.STORAGE
        )
        self.figures: FiguresPage | None = None
        if flow.parts.figures:
            shown = (flow.parts.figures, behind.runner, behind.on_error)
            self.figures = FiguresPage(flow, *shown, palette)
            self.figures.left.connect(self._back)
        self._offer(self.figures, _tr("Figures and quality: how the work goes"), Icon.RULER)
        self.service: ServicePage | None = None
        if behind.inspection:
            self.service = ServicePage(flow, behind.inspection, behind.selftest, palette)
            self.service.left.connect(self._back)
        words = _tr("Service: is this machine well?") if self.service else _tr("For technicians")
        self._offer(self.service, words, Icon.DETECTOR)
        self.about: AboutPage | None = None
        if flow.parts.about:
            self.about = AboutPage(flow, flow.parts.about, behind.runner, behind.on_error, palette)
            self.about.left.connect(self._back)
        self._offer(self.about, _tr("About: whom it meets, detectors, licences"), Icon.EYE)

    def _offer(self, page: Page | None, words: str, icon: Icon) -> None:
        self.more.offer(page or self.more, words, icon, may=page is not None)
        self.pages += [page] if page else []

    def _back(self) -> None:
        self._go(self.more)


def _tr(words: str) -> str:
    return QCoreApplication.translate("More", words)
