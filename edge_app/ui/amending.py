"""Opening a signed study again, and leaving that."""

from edge_app.domain.study import Study
from edge_app.ui.study_flow import Activity, Step, StudyFlow
from edge_app.ui.study_writes import Change
from edge_app.workflow import examine


class Amending:
    """The amendment of the study that a flow shows; what was signed stays in the store."""

    def __init__(self, flow: StudyFlow) -> None:
        self._flow = flow

    def begin(self, reason: str) -> None:
        """Open the signed study again, and lead to its findings."""
        flow = self._flow
        if not flow.is_signed or flow.activity is not Activity.NONE:
            return
        parts = flow.parts
        flow.add(
            Change(
                keep=lambda s: examine.amend(parts.store, parts.clock, s, parts.who, reason),
                kept=self._begun,
            )
        )

    def _begun(self, _study: Study) -> None:
        self._flow.reviewing.forget()  # what was undone then would undo what was signed
        self._flow.go(Step.REVIEW)

    def abandon(self) -> None:
        """Go back to what was signed."""
        flow = self._flow
        if flow.activity is Activity.NONE:
            store = flow.parts.store
            flow.add(
                Change(
                    keep=lambda s: examine.abandon_amendment(store, s),
                    kept=lambda _study: flow.go(Step.SIGN),
                )
            )
