"""The way in: who it is and the passphrase, the first set-up, and the recovery key."""

from collections.abc import Callable

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QVBoxLayout,
    QWidget,
)

from edge_app.domain.account import EmergencyReason
from edge_app.domain.badge import BadgeRead, NextStep
from edge_app.domain.error import EdgeAppError
from edge_app.languages.choice import Tongue
from edge_app.ui import tokens as t
from edge_app.ui.badge_reader import BadgeReader
from edge_app.ui.door import Door
from edge_app.ui.fitting_button import FittingButton
from edge_app.ui.icons import Icon, icon_of
from edge_app.ui.in_words import day_words, in_words, time_words
from edge_app.ui.lanes import Runner
from edge_app.ui.language_panel import LanguagePanel
from edge_app.ui.look import USUAL, Look
from edge_app.ui.page import label, own
from edge_app.ui.salvage_form import SalvageForm
from edge_app.ui.theme import style_sheet
from edge_app.ui.translator import Speech
from edge_app.ui.ways import ASKS_WHO, TAKES_BADGE, Way
from edge_app.ui.words import emergency_words, isolated

_NAMES_A_ROW = 3
_LEAST_DIGITS = 4


class EntranceWindow(SalvageForm):
    """Shows no patient's name; asks for as little as it can.

    Attributes:
        name_chosen: Of whoever is coming in.
    """

    entered = pyqtSignal(str)
    pin_settled = pyqtSignal()
    language_chosen = pyqtSignal()
    emergencies_seen = pyqtSignal()

    def __init__(
        self, door: Door, runner: Runner, speech: Speech | None = None, look: Look = USUAL
    ) -> None:
        super().__init__(door, runner)
        self._speech = speech
        self.setWindowTitle(self.tr("Edge imaging"))
        self.resize(1280, 800)
        self.wear(look)
        self._key = ""
        self.reasons: QButtonGroup | None = None
        self.names = QButtonGroup(self)
        self._reader = BadgeReader(self, door.wedge)
        self._reader.read.connect(self._take_badge)
        self.greet()

    def wear(self, look: Look) -> None:
        """Look otherwise from now on; icons follow with the next way that is shown."""
        self._colours = look.palette
        self.setStyleSheet(style_sheet(look))

    def greet(self) -> None:
        """Show the way in that fits: a PIN, a log-in, or the set-up where nobody can log in yet."""
        if self.name_chosen and self._door.has_pin:
            self._show(Way.PIN)
        else:
            self._show(Way.LOG_IN if self._door.is_set_up else Way.SET_UP)

    def offer_pin(self) -> None:
        """Ask whoever came in for a PIN to come back by; then say `pin_settled`."""
        self._show(Way.NEW_PIN)

    def _show(self, way: Way) -> None:
        self.way = way
        self.column = QWidget()
        self._lines = QVBoxLayout(self.column)
        self._lines.setSpacing(t.SPACE_2)
        self._lines.addStretch(1)
        builders: dict[Way, Callable[[], None]] = {
            Way.LOG_IN: self._build_log_in,
            Way.SET_UP: self._build_set_up,
            Way.RECOVER: self._build_recover,
            Way.RECOVERY_KEY: self._build_recovery_key,
            Way.PIN: self._build_pin,
            Way.NEW_PIN: self._build_new_pin,
            Way.LANGUAGE: self._build_language,
            Way.EMERGENCY: self._build_emergency,
            Way.EMERGENCIES_SEEN: self._build_emergencies_seen,
            Way.EMERGENCY_CODE: self._build_emergency_code,
            **self._salvage_builders(),
        }
        builders[way]()
        self._lines.addStretch(2)
        if self._speech and way in (Way.LOG_IN, Way.SET_UP, Way.PIN):
            spoken = self._other(
                self._speech.tongue.catalogue.own_name, lambda: self._show(Way.LANGUAGE)
            )
            own(spoken)
            spoken.setIcon(icon_of(Icon.LANGUAGE, self._colours.text, self._colours.disabled))
            self._lines.addWidget(spoken)
            self.language = spoken
        self._mount(self.column)
        first = next(iter(self._fields), self.pad)
        if first:
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _build_log_in(self) -> None:
        self._start(
            self.tr("Who is working now?"),
            self.tr("The studies are locked and encrypted. A badge chooses your name."),
        )
        self._add_names()
        self.passphrase = self._field(self.tr("Passphrase"), is_secret=True)
        lost = self._other(
            self.tr("Passphrase lost: use the recovery key"), lambda: self._show(Way.RECOVER)
        )
        others = [lost]
        if self._door.has_emergency_code:
            words = self.tr("Emergency: use the sealed code")
            others.append(self._other(words, lambda: self._show(Way.EMERGENCY)))
        self._end(self.tr("Log in"), self._log_in, *others)

    def _add_names(self) -> None:
        try:
            names = list(self._door.names())
        except EdgeAppError as error:
            names = []
            self._lines.addWidget(label(in_words(str(error))))
        self.names = QButtonGroup(self)
        grid = QGridLayout()
        for number, name in enumerate(names):
            button = FittingButton(name)
            button.setCheckable(True)
            button.setAccessibleName(name)
            own(button)
            button.setIcon(icon_of(Icon.PERSON, self._colours.text, self._colours.disabled))
            button.clicked.connect(lambda _on, chosen=name: self._choose(chosen))
            self.names.addButton(button)
            grid.addWidget(button, *divmod(number, _NAMES_A_ROW))
        for column in range(min(len(names), _NAMES_A_ROW)):
            grid.setColumnStretch(column, 1)
        self._lines.addLayout(grid)
        self._lines.addSpacing(t.SPACE_3)
        self.name_chosen = self.name_chosen if self.name_chosen in names else ""
        if len(names) == 1:
            self.name_chosen = names[0]
        for choice in self.names.buttons():
            choice.setChecked(choice.text() == self.name_chosen)

    def _choose(self, name: str) -> None:
        self.name_chosen = name
        self.passphrase.setFocus(Qt.FocusReason.OtherFocusReason)
        self._refresh()

    def _build_set_up(self) -> None:
        self._start(
            self.tr("Set this device up"),
            self.tr("The first person lets the others in. There is no default password."),
        )
        self.name = self._field(self.tr("Your name"), is_secret=False)
        self._add_new_passphrase()
        self._end(self.tr("Set up"), self._set_up)

    def _add_new_passphrase(self) -> None:
        words = self.tr("Passphrase: four words that do not belong together")
        self.passphrase = self._field(words, is_secret=True)
        self.again = self._field(self.tr("The same passphrase again"), is_secret=True)

    def _build_recover(self) -> None:
        self._start(
            self.tr("Get in by the recovery key"),
            self.tr("It was written down when this device was set up. It is used once."),
        )
        self.key = self._field(self.tr("Recovery key"), is_secret=False)
        self.name = self._field(self.tr("Your name"), is_secret=False)
        self._add_new_passphrase()
        back = self._other(self.tr("Back"), self.greet)
        self._end(self.tr("Get in"), self._recover, back)

    def _build_recovery_key(self) -> None:
        self._start(
            self.tr("Write the recovery key down now"),
            self.tr("It is the only way in when every passphrase is lost. Keep it elsewhere."),
        )
        self._add_key(self.tr("Recovery key"), self._key, self._confirm_key)

    def _build_emergency(self) -> None:
        self._start(
            self.tr("Emergency access"),
            self.tr(
                "Break the seal of the emergency code only if nobody can log in. It opens the"
                " studies once, is written down, and the administrator is told."
            ),
        )
        self.key = self._field(self.tr("Emergency code"), is_secret=False)
        self.name = self._field(self.tr("Your name"), is_secret=False)
        self._lines.addWidget(label(self.tr("Why?")))
        self.reasons = QButtonGroup(self)
        for number, reason in enumerate(EmergencyReason):
            button = self._other(emergency_words(reason), self._refresh)
            button.setCheckable(True)
            self.reasons.addButton(button, number)
            self._lines.addWidget(button)
        back = self._other(self.tr("Back"), self.greet)
        self._end(self.tr("Open in an emergency"), self._break_glass, back)

    def tell_emergencies(self) -> None:
        """Show an administrator what happened; then the next code, then say `emergencies_seen`."""
        self._show(Way.EMERGENCIES_SEEN)

    def _build_emergencies_seen(self) -> None:
        self._start(
            self.tr("The emergency code was used"),
            self.tr("The code is spent. What was done stands in the audit."),
        )
        for use in self._door.emergencies():
            at = use.at.astimezone()
            when = f"{day_words(at.date())}, {time_words(at)}"
            words = self.tr("{0}, by {1}: {2}")
            line = label(words.format(when, isolated(use.name), emergency_words(use.reason)))
            own(line)
            self._lines.addWidget(line)
        self._end(self.tr("I have seen it, make the next code"), self._see_emergencies)

    def _build_emergency_code(self) -> None:
        self._start(
            self.tr("Write the emergency code down now"),
            self.tr("Seal it in an envelope and keep it near this device."),
        )
        self._add_key(self.tr("Emergency code"), self._key, self._confirm_key)

    def _build_pin(self) -> None:
        self._start(isolated(self.name_chosen), self.tr("Locked. The study goes on where it was."))
        pad = self._add_pad()
        other = self._other(
            self.tr("Somebody else, or PIN forgotten: use a passphrase"),
            lambda: self._show(Way.LOG_IN),
        )
        self._end(self.tr("Go on"), lambda: self._come_back(pad.pin), other)

    def _build_new_pin(self) -> None:
        self._start(
            self.tr("Choose a PIN to come back by"),
            self.tr("Four to eight digits. It opens only what you left open yourself."),
        )
        pad = self._add_pad()
        later = self._other(self.tr("Not now"), self._settle_pin)
        self._end(self.tr("Keep this PIN"), lambda: self._set_pin(pad.pin), later)

    def _build_language(self) -> None:
        self._start(self.tr("Language"), "")
        if self._speech:
            self.languages = LanguagePanel(self._speech.tongue, self._change_language)
            self._lines.addWidget(self.languages)
        self._end(self.tr("Go on"), self.greet)

    def _change_language(self, tongue: Tongue) -> None:
        if self._speech:
            self._speech.change(tongue)
            self.setWindowTitle(self.tr("Edge imaging"))
            self.language_chosen.emit()
            self._show(Way.LANGUAGE)

    def _is_complete(self) -> bool:
        if self.pad:
            return len(self.pad.pin) >= _LEAST_DIGITS
        if not all(field.text().strip() for field in self._fields):
            return False
        if self.way is Way.EMERGENCY and self.reasons:
            return self.reasons.checkedButton() is not None
        return self.way not in ASKS_WHO or bool(self.name_chosen)

    def _refresh(self) -> None:
        self.primary.setEnabled(self._is_complete() and not self._is_busy)

    def _act(self) -> None:
        if self._is_complete() and not self._is_busy:
            self._primary_act()

    def _refused(self, error: Exception) -> None:
        self._is_busy = False
        self.say(error)
        if self.way in ASKS_WHO:
            self.passphrase.clear()
        if self.pad:
            self.pad.clear()
        self._refresh()

    def _log_in(self) -> None:
        name, passphrase = self.name_chosen, self.passphrase.text()
        self._ask(
            lambda: self._done(lambda: self._door.log_in(name, passphrase)),
            lambda _: self._enter(),
        )

    def _come_back(self, pin: str) -> None:
        self._ask(lambda: self._done(lambda: self._door.come_back(pin)), lambda _: self._enter())

    def _take_badge(self, text: str) -> None:
        if self.way in TAKES_BADGE and not self._is_busy and self.isEnabled():
            self._ask(lambda: self._door.read_badge(text), self._answer_badge)

    def _answer_badge(self, read: BadgeRead) -> None:
        self.name_chosen = read.name
        if read.asks is NextStep.NOTHING:
            self._enter()
        elif read.asks is NextStep.PIN:
            self._show(Way.PIN)
            self.said.setText(self.tr("The badge was read. Type your PIN."))
        else:
            self._show(Way.LOG_IN)
            self.said.setText(self.tr("The badge was read. Type your passphrase."))

    def _set_pin(self, pin: str) -> None:
        self._ask(lambda: self._done(lambda: self._door.set_pin(pin)), lambda _: self._settle_pin())

    def _settle_pin(self) -> None:
        self.pin_settled.emit()
        self._show(Way.LOG_IN)  # nothing that was typed stays

    def _differs(self) -> bool:
        if self.passphrase.text() == self.again.text():
            return False
        self.said.setText(self.tr("The two passphrases are not the same. Type them again."))
        return True

    def _set_up(self) -> None:
        if self._differs():
            return
        self.name_chosen, passphrase = self.name.text().strip(), self.passphrase.text()
        name = self.name_chosen
        self._ask(lambda: self._door.set_up(name, passphrase), self._show_key)

    def _recover(self) -> None:
        if self._differs():
            return
        key, passphrase = self.key.text(), self.passphrase.text()
        name = self.name_chosen = self.name.text().strip()
        self._ask(lambda: self._door.recover(key, name, passphrase), self._show_key)

    def _show_key(self, key: str) -> None:
        self._key = key
        self._show(Way.RECOVERY_KEY)

    def _break_glass(self) -> None:
        code, name = self.key.text(), self.name.text().strip()
        reason = list(EmergencyReason)[self.reasons.checkedId()] if self.reasons else None
        if reason:
            self._ask(lambda: self._door.break_glass(code, name, reason), self._enter_as)

    def _enter_as(self, name: str) -> None:
        self.name_chosen = name
        self._enter()

    def _see_emergencies(self) -> None:
        self._ask(self._door.see_emergencies, self._show_emergency_code)

    def _show_emergency_code(self, code: str) -> None:
        self._key = code
        self._show(Way.EMERGENCY_CODE)

    def _confirm_key(self) -> None:
        groups = self._key.split("-")
        typed = [field.text().strip().upper() for field in (self.third, self.last)]
        if typed == [groups[2], groups[-1]]:
            self._key = ""
            if self.way is Way.EMERGENCY_CODE:
                self._show(Way.LOG_IN)
                self.emergencies_seen.emit()
            else:
                self._enter()
        else:
            self.said.setText(self.tr("That is not what is written there. Look again."))

    def _enter(self) -> None:
        self.entered.emit(self.name_chosen)
        self._show(Way.LOG_IN)  # nothing that was typed stays in a field
