"""What a site keeps, and for how long: the rule in its file, holds, and removals."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from edge_app.compose.sealed_report import report_name
from edge_app.domain.account import Account, Right
from edge_app.domain.error import SettingsRefusedError, StepRefusedError
from edge_app.domain.retention import NEVER, Hold, RetentionRule, SignedStudy
from edge_app.inference.package_files import shown
from edge_app.ports import Clock
from edge_app.settings import Settings, settings_in
from edge_app.storage.reports import REPORTS
from edge_app.storage.retention import Retention
from edge_app.storage.store_keys import StoreKeys
from edge_app.workflow.allowed_store import ensure_may

_REMEDY = "Correct the file, or take it away: nothing is ever removed then."


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days: Annotated[int, msgspec.Meta(ge=1, le=36_525)]
    needs: tuple[Literal["backup", "delivery"], ...] = ("backup",)


def retention_rule(settings: Settings) -> RetentionRule:
    """Return what `retention.toml` in the data folder says; never, where there is no such file.

    Raises:
        SettingsRefusedError: The file is not valid.
    """
    if not settings.retention_file.exists():
        return NEVER
    found = settings_in(settings.retention_file, _Written, _refused)
    return RetentionRule(found.days, "backup" in found.needs, "delivery" in found.needs)


def _refused(why: str) -> SettingsRefusedError:
    return SettingsRefusedError(
        f"How long studies are kept (retention.toml) is not known: {shown(why)}.", _REMEDY
    )


class StoreRetention:
    """Holds and removals as one account may do them; raises NotAllowedError for what it may not."""

    def __init__(
        self,
        retention: Retention,
        rule: RetentionRule,
        account: Account,
        clock: Clock,
        on_refusal: Callable[[Right], None],
    ) -> None:
        self._retention, self._rule, self._clock = retention, rule, clock
        self._account, self._on_refusal = account, on_refusal

    def _ensure(self) -> None:
        ensure_may(self._account, Right.RETAIN, self._on_refusal)

    def hold(self, study_id: str, reason: str) -> None:
        """Keep a study, whatever the rule says.

        Raises:
            StepRefusedError: No reason was given, or it is held already.
            StudyUnknownError: There is no such study.
        """
        self._ensure()
        self._retention.hold(study_id, reason)

    def release(self, study_id: str, reason: str) -> None:
        """Hold a study no longer. Raises likewise, also where it is not held."""
        self._ensure()
        self._retention.release(study_id, reason)

    def holds(self) -> list[Hold]:
        """Return every hold, the oldest first."""
        self._ensure()
        return self._retention.holds()

    def listed(self) -> list[tuple[SignedStudy, tuple[str, ...]]]:
        """Return every signed study with what keeps it; nothing where it may be removed."""
        self._ensure()
        now = self._clock.now()
        return [(s, s.kept_by(self._rule, now)) for s in self._retention.signed_studies()]

    def remove(self, today: date) -> list[str]:
        """Remove every study that nothing keeps, and return their ids.

        Args:
            today: As a person says it; a machine whose clock says another day removes nothing.

        Raises:
            StepRefusedError: The days differ.
        """
        self._ensure()
        now = self._clock.now()
        if today != now.date():
            raise StepRefusedError(
                f"By this machine's clock today is {now.date()}.", "Set the clock, or say today's."
            )
        return [s.study_id for s, kept in self.listed() if not kept and self._removed(s, now)]

    def _removed(self, signed: SignedStudy, now: datetime) -> bool:
        report = (REPORTS, report_name(signed.study_id))  # of before there was an outbox
        return self._retention.remove(signed, lambda s: not s.kept_by(self._rule, now), [report])


@contextmanager
def opened_retention(settings: Settings, keys: StoreKeys, actor: str) -> Iterator[Retention]:
    """Yield the holds and removals of a store."""
    retention = Retention(settings.data_dir, keys, actor)
    try:
        yield retention
    finally:
        retention.close()


def finish_removals(settings: Settings, keys: StoreKeys) -> None:
    """Take away what a cut has left of studies that were removed."""
    with opened_retention(settings, keys, "") as retention:
        retention.finish()
