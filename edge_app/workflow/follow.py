"""One patient's studies as a series: what was counted, how it changed, how fast it went."""

from collections.abc import Sequence
from datetime import datetime

from edge_app.domain.clearance import Clearance, Density, clearance
from edge_app.domain.study import Study
from edge_app.domain.trend import Visit
from edge_app.ports import SavedStudies

_HOUR_S = 3600.0


def studies_of_the_same_patient(store: SavedStudies, study_id: str) -> list[Study]:
    """Return the studies of the patient of one study, itself among them, the first one first.

    The same patient is the same identifier of the same issuer; a study without one is alone.
    One that is being amended is as it was signed, for that stands until then.
    """
    study = store.study(study_id)
    who = (study.patient.issuer, study.patient.identifier)
    if not study.patient.identifier:
        return [_standing(store, study)]
    listed = store.studies(study.patient.identifier)
    same = [s.study_id for s in listed if (s.patient.issuer, s.patient.identifier) == who]
    return [_standing(store, store.study(each)) for each in reversed(same)]


def earlier_of_the_same_patient(store: SavedStudies, study_id: str) -> list[Study]:
    """Return the studies of the same patient that began before one study, the last one first."""
    every = studies_of_the_same_patient(store, study_id)
    (this,) = [study for study in every if study.study_id == study_id]
    return [s for s in reversed(every) if s.started_at < this.started_at and s.images]


def _standing(store: SavedStudies, study: Study) -> Study:
    under_way = study.amending
    return store.signed_version(study.study_id, under_way.of_version) if under_way else study


def labels_of(studies: Sequence[Study]) -> list[str]:
    """Return every label that a detector looked for in these studies."""
    return list(
        dict.fromkeys(
            label
            for study in studies
            for reading in study.readings.values()
            if reading.certificate
            for label, _ in reading.certificate.thresholds
        )
    )


def clearance_since(seen: Sequence[Visit], treated_at: datetime) -> Clearance | None:
    """Return how fast the counts an image decline after a treatment; None where too few tell."""
    return clearance(
        [
            Density((v.at - treated_at).total_seconds() / _HOUR_S, v.per_image, 1 / v.n_images)
            for v in seen
            if v.at >= treated_at
        ]
    )
