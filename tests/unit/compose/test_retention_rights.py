"""Every role x every way to hold and remove studies; the site's rule; a machine of another day."""

from contextlib import closing
from datetime import datetime, timedelta, timezone
from itertools import product

import pytest

from edge_app.compose.doctor import examined
from edge_app.compose.retention import StoreRetention, retention_rule
from edge_app.compose.sealed_report import report_name
from edge_app.domain.account import RIGHTS, Account, Right, Role
from edge_app.domain.commissioning import Level
from edge_app.domain.error import NotAllowedError, SettingsRefusedError, StepRefusedError
from edge_app.domain.patient import PatientRef
from edge_app.domain.retention import NEVER, RetentionRule
from edge_app.domain.study import Signature, Study
from edge_app.settings import Settings
from edge_app.storage.retention import Retention
from edge_app.storage.study_store import SqliteStudyStore
from tests.fakes import NOON, an_image
from tests.keys import KEYS

ANY = RetentionRule(1, needs_backup=False)


class LaterClock:
    """A clock that says a year from now."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc) + timedelta(days=366)

    def monotonic_ns(self) -> int:
        return 0


COMMANDS = {
    "hold": lambda r: r.hold("study-1", "court"),
    "release": lambda r: r.release("study-2", "closed"),
    "holds": lambda r: r.holds(),
    "listed": lambda r: r.listed(),
    "remove": lambda r: r.remove(LaterClock().now().date()),
}


@pytest.fixture
def store(tmp_path):
    """Two signed studies, the second under hold."""
    with SqliteStudyStore(tmp_path, KEYS) as opened:
        for study_id in ("study-1", "study-2"):
            study = opened.start(Study(study_id, PatientRef("P-1"), NOON))
            study = opened.capture(study, an_image())
            study = study.with_read_by_eye(study.images[0].image_id)
            opened.save(study.signed(Signature("Dr Njeri", NOON)), "signed")
        yield opened


@pytest.fixture
def opened(store, tmp_path):
    """Return what gives holds and removals to an account of a role."""
    with closing(Retention(tmp_path, KEYS, "Admin")) as retention:
        retention.hold("study-2", "court")
        refused = []

        def of(role: Role) -> tuple[StoreRetention, list[Right]]:
            account = Account("Somebody", frozenset({role}))
            return StoreRetention(retention, ANY, account, LaterClock(), refused.append), refused

        yield of


@pytest.mark.parametrize(("role", "command"), list(product(Role, COMMANDS)))
def test_only_who_may_holds_lists_and_removes(opened, store, role, command):
    retention, refused = opened(role)
    before = len(store.audit_events())

    if Right.RETAIN in RIGHTS[role]:
        COMMANDS[command](retention)
        assert refused == []
    else:
        with pytest.raises(NotAllowedError):
            COMMANDS[command](retention)
        assert refused == [Right.RETAIN]
        assert len(store.audit_events()) == before
        assert len(list(store.studies())) == 2


def test_every_way_to_hold_and_remove_is_in_the_matrix():
    ways = {name for name in vars(StoreRetention) if not name.startswith("_")}

    assert ways == COMMANDS.keys()


def test_an_administrator_alone_has_the_right():
    assert [role for role in Role if Right.RETAIN in RIGHTS[role]] == [Role.ADMINISTRATOR]


def test_what_nothing_keeps_is_removed_with_its_report_and_what_is_held_is_not(
    opened, store, tmp_path
):
    retention, _ = opened(Role.ADMINISTRATOR)
    (tmp_path / "reports").mkdir()
    for study_id in ("study-1", "study-2"):
        (tmp_path / "reports" / report_name(study_id)).write_bytes(b"sealed")

    assert retention.remove(LaterClock().now().date()) == ["study-1"]
    assert [s.study_id for s in store.studies()] == ["study-2"]
    assert [p.name for p in (tmp_path / "reports").iterdir()] == [report_name("study-2")]


@pytest.mark.parametrize("days", [-366, -1, 1])
def test_a_machine_whose_clock_says_another_day_removes_nothing(opened, store, days):
    retention, _ = opened(Role.ADMINISTRATOR)

    with pytest.raises(StepRefusedError):
        retention.remove(LaterClock().now().date() + timedelta(days=days))

    assert len(list(store.studies())) == 2


def rule_of(tmp_path, text):
    settings = Settings(tmp_path, tmp_path)
    settings.retention_file.write_text(text)
    return retention_rule(settings)


def test_without_a_file_nothing_is_ever_removed(tmp_path):
    assert retention_rule(Settings(tmp_path, tmp_path)) == NEVER
    assert NEVER.days is None


def test_the_file_says_the_days_and_what_is_needed_besides(tmp_path):
    assert rule_of(tmp_path, "days = 3650") == RetentionRule(3650, needs_backup=True)
    assert rule_of(tmp_path, 'days = 10\nneeds = ["delivery"]') == RetentionRule(
        10, needs_backup=False, needs_delivery=True
    )
    assert rule_of(tmp_path, "days = 10\nneeds = []") == RetentionRule(10, needs_backup=False)


@pytest.mark.parametrize(
    "text", ["", "days = 0", "days = -1", "days = true", "day = 10", "days = 10\nneeds = ['x']"]
)
def test_a_file_that_is_wrong_is_refused_and_removes_nothing(tmp_path, text):
    with pytest.raises(SettingsRefusedError, match=r"retention\.toml"):
        rule_of(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "level", "words"),
    [
        (None, Level.OK, "kept for ever"),
        ("days = 3650", Level.OK, "after 3650 days"),
        ("days = 'many'", Level.FAULT, "retention.toml"),
    ],
)
def test_the_doctor_says_how_long_studies_are_kept(tmp_path, text, level, words):
    settings = Settings(tmp_path, tmp_path)
    if text:
        settings.retention_file.write_text(text)

    check = next(c for c in examined(settings) if c.id == "retention")

    assert (check.level, words in check.found) == (level, True)
