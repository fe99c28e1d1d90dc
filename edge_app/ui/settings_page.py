"""What is set for this device, the site and whoever is in, and where each value comes from."""

from collections.abc import Callable, Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtGui import QShowEvent

from edge_app.domain.account import Role
from edge_app.domain.setting import Key, Origin, Scope, Setting
from edge_app.ui.icons import Icon
from edge_app.ui.in_words import in_words, listed
from edge_app.ui.lanes import Lane, Runner
from edge_app.ui.page import Page, Primary, beside, label, own, scrolled, side_panel
from edge_app.ui.study_flow import StudyFlow
from edge_app.ui.table_view import TableView
from edge_app.ui.tokens import Palette


class SettingsPage(Page):
    """A table a scope, and beside it who changes what, and where."""

    left = pyqtSignal()

    def __init__(
        self,
        flow: StudyFlow,
        read: Callable[[], Sequence[Setting]],
        runner: Runner,
        on_error: Callable[[Exception], None],
        palette: Palette,
    ) -> None:
        super().__init__(flow, palette)
        self._read, self._runner, self._on_error = read, runner, on_error
        self.table = TableView(self.tr("What is set"))
        own(self.table)  # paths and names among the words
        panel, lines = side_panel()
        area, column = scrolled()
        column.addWidget(label(self.tr("Settings"), "title"))
        for title, words in (
            (
                self._scope_words(Scope.DEVICE),
                self.tr("The language is chosen at the entrance: touch Lock, then Language."),
            ),
            (
                self._scope_words(Scope.SITE),
                self.tr("A technician changes the files in the data folder; Service checks them."),
            ),
            (
                self._scope_words(Scope.PERSON),
                self.tr("A PIN is chosen after a log-in; an administrator gives the roles."),
            ),
        ):
            column.addWidget(label(title, "large"))
            column.addWidget(label(words))
        column.addStretch(1)
        lines.addWidget(area)
        beside(self, self.table, panel)
        self.setFocusProxy(self.table)

    def _scope_words(self, scope: Scope) -> str:
        return {
            Scope.DEVICE: self.tr("This device"),
            Scope.SITE: self.tr("The site"),
            Scope.PERSON: self.tr("Whoever is in"),
        }[scope]

    def _key_words(self, key: Key) -> str:
        return {
            Key.LANGUAGE: self.tr("Language"),
            Key.DATA: self.tr("Data folder"),
            Key.PACKAGES: self.tr("Folder of the detectors"),
            Key.TPM: self.tr("Chip that seals the secret (TPM)"),
            Key.PROVIDERS: self.tr("Fixed for providers"),
            Key.DEVICES: self.tr("Devices"),
            Key.DRIVERS: self.tr("Drivers of others that may run"),
            Key.SHUTTER: self.tr("Keys that take a picture"),
            Key.WEDGE: self.tr("Prefix of the bar-code scanner"),
            Key.BADGE_ALONE: self.tr("Minutes in which a badge alone brings back"),
            Key.PRINTERS: self.tr("Printers"),
            Key.RETENTION: self.tr("Days after which studies may be removed"),
            Key.BACKUP: self.tr("Folder of the backup"),
            Key.ROLES: self.tr("Roles"),
            Key.PIN: self.tr("PIN"),
        }[key]

    def _origin_words(self, setting: Setting) -> str:
        words = {
            Origin.BUILT_IN: self.tr("Built in"),
            Origin.CHOSEN: self.tr("Chosen at this device"),
            Origin.FILE: self.tr("File of the site"),
            Origin.ENVIRONMENT: self.tr("Environment"),
            Origin.SYSTEM: self.tr("Language of the system"),
            Origin.ACCOUNT: self.tr("Account"),
        }[setting.origin]
        return f"{words}: {setting.where}" if setting.where else words

    def showEvent(self, a0: QShowEvent | None) -> None:
        """Read what is set now."""
        super().showEvent(a0)
        self._runner.submit(Lane.MACHINE, self._read, self._show, self._on_error)

    def _show(self, found: Sequence[Setting]) -> None:
        self.table.begin()
        for scope in Scope:
            rows = [[self.tr("Setting"), self.tr("Value"), self.tr("Comes from")]]
            rows += [
                [self._key_words(s.key), self._value_words(s), self._origin_words(s)]
                for s in found
                if s.scope is scope
            ]
            self.table.add(self._scope_words(scope), "", rows)
        self.table.end()
        self.changed.emit()

    def _value_words(self, setting: Setting) -> str:
        if setting.problem:
            return in_words(setting.problem)
        if not setting.value:
            return self.tr("Not set")
        if setting.key is Key.PIN:
            return self.tr("Is set")
        if setting.key is Key.ROLES:
            return listed(self._role_words(Role(name)) for name in setting.value.split(", "))
        return setting.value

    def _role_words(self, role: Role) -> str:
        return {
            Role.OPERATOR: self.tr("Operator"),
            Role.CLINICIAN: self.tr("Clinician"),
            Role.TECHNICIAN: self.tr("Technician"),
            Role.ADMINISTRATOR: self.tr("Administrator"),
            Role.AUDITOR: self.tr("Auditor"),
            Role.EMERGENCY: self.tr("Emergency access"),
        }[role]

    def primary(self) -> Primary:
        """Back to the work."""
        return Primary(self.tr("Done"), Icon.ACCEPT, is_enabled=True)

    def act(self) -> None:
        """Leave the page."""
        self.left.emit()

    def refresh(self) -> None:
        """Do nothing: it reads by itself when it is shown."""
