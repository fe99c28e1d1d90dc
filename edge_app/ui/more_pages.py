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
from edge_app.ui.settings_page import SettingsPage
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.tokens import Palette

_Aside = OutboxPage | FiguresPage | ServicePage | SettingsPage | AboutPage


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
        outbox, figures, service, settings, about: None for whoever may not use it.
    """

    def __init__(
        self, flow: StudyFlow, behind: Behind, palette: Palette, go: Callable[[Page], None]
    ) -> None:
        """Take what they show, and what shows a page."""
        self.more = MorePage(flow, palette)
        self.more.wanted.connect(go)
        self._go = go
        self.pages: list[Page] = [self.more]
        beside = (behind.runner, behind.on_error, palette)
        parts = flow.parts
        self.outbox = OutboxPage(flow, *beside) if parts.outbox else None
        self.figures = FiguresPage(flow, parts.figures, *beside) if parts.figures else None
        self.service = (
            ServicePage(flow, behind.inspection, behind.selftest, palette)
            if behind.inspection
            else None
        )
        self.settings = SettingsPage(flow, parts.settings, *beside) if parts.settings else None
        self.about = AboutPage(flow, parts.about, *beside) if parts.about else None
        self._offer_all()

    def _offer_all(self) -> None:
        translate = QCoreApplication.translate
        is_well = translate("More", "Service: is this machine well?")
        self._offer(
            self.outbox,
            translate("More", "What still has to leave: reports, files, prints"),
            Icon.STORAGE,
        )
        self._offer(
            self.figures, translate("More", "Figures and quality: how the work goes"), Icon.RULER
        )
        self._offer(
            self.service,
            is_well if self.service else translate("More", "Service: for technicians"),
            Icon.DETECTOR,
        )
        self._offer(
            self.settings, translate("More", "Settings: what is set, and by whom"), Icon.CONTRAST
        )
        self._offer(
            self.about, translate("More", "About: whom it meets, detectors, licences"), Icon.EYE
        )

    def _offer(self, page: _Aside | None, words: str, icon: Icon) -> None:
        self.more.offer(page or self.more, words, icon, may=page is not None)
        if page:
            page.left.connect(lambda: self._go(self.more))
            self.pages.append(page)
