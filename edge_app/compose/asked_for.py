"""What a job of the outbox was asked for: the study as it then was."""

from collections.abc import Callable
from typing import TypeVar

from edge_app.domain.error import StudyDamagedError, StudyUnknownError
from edge_app.domain.outbox import Job, Problem, SendFailedError
from edge_app.domain.study import Study
from edge_app.storage.saved_studies import SavedStudies

_Made = TypeVar("_Made")


def study_of(store: SavedStudies, job: Job) -> Study:
    """Return the version that was asked for; one that was signed is there for good.

    Raises:
        SendFailedError: It was changed since, or is damaged.
    """
    study_id, version = job.study_id, job.version
    if version in store.signed_versions(study_id):
        return or_failed(lambda: store.signed_version(study_id, version))()
    study = or_failed(lambda: store.study(study_id))()
    if study.version != version:
        raise SendFailedError(Problem.STUDY_CHANGED)
    return study


def or_failed(made: Callable[[], _Made]) -> Callable[[], _Made]:
    """Return what makes something of a study, or says as a problem of the job why it cannot."""

    def tried() -> _Made:
        try:
            return made()
        except (StudyDamagedError, StudyUnknownError) as error:
            raise SendFailedError(Problem.STUDY_DAMAGED) from error

    return tried
