"""The store as one account may use it: every act is asked for its right before it is done."""

from collections.abc import Callable, Iterator, Sequence

from edge_app.domain.account import Account, Right
from edge_app.domain.error import NotAllowedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.outbox import Send, SendKind
from edge_app.domain.study import Study
from edge_app.ports import StudyStore, StudySummary

_RIGHTS = {
    "read": Right.CAPTURE,
    "retaken": Right.CAPTURE,
    "patient identified": Right.CAPTURE,
    "judged": Right.REVIEW,
    "verdict undone": Right.REVIEW,
    "read by eye": Right.REVIEW,
    "reading by eye undone": Right.REVIEW,
    "finding drawn": Right.REVIEW,
    "drawing undone": Right.REVIEW,
    "label corrected": Right.REVIEW,
    "label undone": Right.REVIEW,
    "signed": Right.SIGN,
    "amended": Right.SIGN,
    "amendment abandoned": Right.SIGN,
}
_WHO = {
    Right.SEE_STUDIES: "Log in as somebody who works with patients.",
    Right.CAPTURE: "Log in as somebody who takes pictures.",
    Right.REVIEW: "Log in as a clinician.",
    Right.SIGN: "Log in as a clinician.",
    Right.EXPORT: "Log in as a clinician.",
    Right.PRINT: "Log in as somebody who works with patients.",
    Right.USE_OUTBOX: "Log in as anybody but an auditor.",
    Right.SEE_AUDIT: "Log in as an auditor or administrator.",
    Right.MANAGE_ACCOUNTS: "Log in as an administrator.",
    Right.MANAGE_DEVICES: "Log in as a technician or administrator.",
    Right.BACK_UP: "Log in as a technician or administrator.",
    Right.RESTORE: "Log in as an administrator.",
    Right.RETAIN: "Log in as an administrator.",
}


def right_for(act: str) -> Right:
    """Return the right that a change of a study needs; an act that nobody named needs the most."""
    return _RIGHTS.get("judged" if act.startswith("judged ") else act, Right.SIGN)


def ensure_may(
    account: Account, right: Right, on_refusal: Callable[[Right], None] | None = None
) -> None:
    """Return if `account` has `right`; else tell `on_refusal` and refuse.

    Raises:
        NotAllowedError: It has not.
    """
    if account.may(right):
        return
    if on_refusal:
        on_refusal(right)
    raise NotAllowedError(f"{account.name} may not {right.value}.", _WHO[right])


class AllowedStore:
    """Answers `StudyStore` for one account; raises NotAllowedError for what it may not.

    A kept study is handed out only after `on_reading` has returned, which is told its id.
    """

    def __init__(
        self,
        store: StudyStore,
        account: Account,
        on_refusal: Callable[[Right], None],
        on_reading: Callable[[str], None],
    ) -> None:
        self._store, self._account, self._on_refusal = store, account, on_refusal
        self._on_reading = on_reading

    def _ensure(self, right: Right) -> None:
        ensure_may(self._account, right, self._on_refusal)

    def study(self, study_id: str) -> Study:
        """Return the newest version of one study."""
        self._ensure(Right.SEE_STUDIES)
        study = self._store.study(study_id)
        self._on_reading(study_id)
        return study

    def signed_version(self, study_id: str, version: int) -> Study:
        """Return one study as it once was signed."""
        self._ensure(Right.SEE_STUDIES)
        study = self._store.signed_version(study_id, version)
        self._on_reading(study_id)
        return study

    def signed_versions(self, study_id: str) -> list[int]:
        """Return the versions of one study that were signed, the first one first."""
        self._ensure(Right.SEE_STUDIES)
        return self._store.signed_versions(study_id)

    def studies(self, search: str = "", most: int = -1) -> Iterator[StudySummary]:
        """Return studies, newest first: all, or those that `search` fits."""
        self._ensure(Right.SEE_STUDIES)
        return self._store.studies(search, most)

    def holds(self, image_hash: str) -> bool:
        """Return whether an image of those pixels was ever saved; of whom is not said."""
        self._ensure(Right.CAPTURE)
        return self._store.holds(image_hash)

    def pixels(self, study: Study, image_id: str) -> CapturedImage:
        """Return a saved image."""
        self._ensure(Right.SEE_STUDIES)
        return self._store.pixels(study, image_id)

    def start(self, study: Study) -> Study:
        """Keep a new study."""
        self._ensure(Right.CAPTURE)
        return self._store.start(study)

    def capture(self, study: Study, image: CapturedImage) -> Study:
        """Keep an image."""
        self._ensure(Right.CAPTURE)
        return self._store.capture(study, image)

    def save(self, study: Study, act: str, sends: Sequence[Send] = ()) -> Study:
        """Keep a changed study, and what it sends."""
        self._ensure(right_for(act))
        if any(send.kind is not SendKind.REPORT for send in sends):
            self._ensure(Right.EXPORT)
        return self._store.save(study, act, sends)
