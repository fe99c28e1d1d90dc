"""A damaged list of studies: what can be saved of it, and the yes of an administrator."""

from collections.abc import Callable

from edge_app.domain.error import ListDamagedError
from edge_app.domain.salvaged import Salvaged
from edge_app.ui.door import Door, SalvageOffer
from edge_app.ui.entry_form import EntryForm
from edge_app.ui.error_sheet import notice_of
from edge_app.ui.in_words import number_words
from edge_app.ui.lanes import Runner
from edge_app.ui.page import label
from edge_app.ui.ways import Way

_SALVAGES = frozenset({Way.SALVAGE, Way.SALVAGE_BY_KEY, Way.SALVAGE_OFFER})


class SalvageForm(EntryForm):
    """Looks at once where the list is damaged; changes nothing before somebody says yes.

    Attributes:
        way: Which way in is shown.
    """

    def __init__(self, door: Door, runner: Runner) -> None:
        super().__init__(runner)
        self._door = door
        self._offer: SalvageOffer | None = None
        self.way = Way.LOG_IN
        self.name_chosen = ""

    def greet(self) -> None:
        """Show the way in that fits."""
        raise NotImplementedError

    def _show(self, way: Way) -> None:
        raise NotImplementedError

    def _add_names(self) -> None:
        raise NotImplementedError

    def _salvage_builders(self) -> dict[Way, Callable[[], None]]:
        return {
            Way.SALVAGE: self._build_salvage,
            Way.SALVAGE_BY_KEY: self._build_salvage_by_key,
            Way.SALVAGE_OFFER: self._build_offer,
        }

    def say(self, error: Exception) -> None:
        """Say what went wrong; where the list is damaged, offer to look at what can be saved."""
        if isinstance(error, ListDamagedError) and self.way not in _SALVAGES:
            self.name_chosen = ""  # who came upon it is seldom who can help
            self._show(Way.SALVAGE)
            self.said.setText(f"{notice_of(error).what} ({error.code})")
        else:
            super().say(error)

    def _build_salvage(self) -> None:
        self._start(
            self.tr("The list of studies is damaged"),
            self.tr(
                "Much of it can often be saved, and the pictures are on the disk. An administrator"
                " can look; that changes nothing."
            ),
        )
        self._add_names()
        self.passphrase = self._field(self.tr("Passphrase"), is_secret=True)
        by_key = self._other(
            self.tr("Passphrase lost: use the recovery key"),
            lambda: self._show(Way.SALVAGE_BY_KEY),
        )
        back = self._other(self.tr("Back"), self.greet)
        self._end(self.tr("Look at what can be saved"), self._look, by_key, back)

    def _build_salvage_by_key(self) -> None:
        self._start(
            self.tr("The list of studies is damaged"),
            self.tr("Whoever has the recovery key can look at what can be saved."),
        )
        self.key = self._field(self.tr("Recovery key"), is_secret=False)
        back = self._other(self.tr("Back"), lambda: self._show(Way.SALVAGE))
        self._end(self.tr("Look at what can be saved"), self._look_by_key, back)

    def _look(self) -> None:
        door, name, passphrase = self._door, self.name_chosen, self.passphrase.text()
        self._ask(lambda: door.look_at_damage(name, passphrase), self._offered)
        self._say_looking()

    def _look_by_key(self) -> None:
        door, key = self._door, self.key.text()
        self._ask(lambda: door.look_at_damage_by_key(key), self._offered)
        self._say_looking()

    def _say_looking(self) -> None:
        self.said.setText(self.tr("Every page and picture is looked at. That can take minutes."))

    def _offered(self, offer: SalvageOffer) -> None:
        self._offer = offer
        self._show(Way.SALVAGE_OFFER)

    def _build_offer(self) -> None:
        self._start(
            self.tr("What can be saved"),
            self.tr("Nothing was changed yet. The damaged list is kept whatever you do."),
        )
        if self._offer:
            for words in self._outcome_words(self._offer.outcome):
                self._lines.addWidget(label(words))
        stop = self._other(self.tr("Not now"), self._refuse)
        self._end(self.tr("Write a new list from that"), self._carry_out, stop)

    def _outcome_words(self, told: Salvaged) -> list[str]:
        counts = (
            (self.tr("Studies as they were: {0}"), len(told.whole)),
            (self.tr("Studies of which later changes are lost: {0}"), len(told.older)),
            (self.tr("Studies of which only pictures are left, not whose: {0}"), len(told.unnamed)),
            (self.tr("Studies that are lost: {0}"), len(told.lost)),
            (self.tr("Pictures that cannot be read: {0}"), len(told.unreadable)),
        )
        said = [words.format(number_words(n)) for words, n in counts if n]
        if not told.is_complete:
            said.append(
                self.tr(
                    "If there is a backup, more can be saved. Stop here, and have a technician run"
                    " edge-app study salvage --from."
                )
            )
        return said

    def _refuse(self) -> None:
        self._offer = None
        self.greet()

    def _carry_out(self) -> None:
        offer = self._offer
        if offer:
            self._ask(lambda: bool(offer.carry_out()), lambda _: self._carried_out(offer.outcome))

    def _carried_out(self, told: Salvaged) -> None:
        self._offer = None
        self._show(Way.LOG_IN if told.accounts else Way.RECOVER)
        self.said.setText(self.tr("The new list is written. The damaged one is kept."))
