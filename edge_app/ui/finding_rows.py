"""The findings of one image as lines to read: number, name, word for the score, verdict."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from edge_app.domain.geometry import Box
from edge_app.domain.manifest import DetectorManifest
from edge_app.domain.study import Study, Verdict
from edge_app.ui.in_words import in_words

RULE_IN = "rule-in"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding to be reviewed.

    Attributes:
        index: Of the finding in its study.
        number: That people see, counted from one in each image.
        is_likely: Whether the score reaches the point at which the detector rules in.
    """

    index: int
    number: int
    label: str
    score: float
    is_likely: bool
    verdict: Verdict
    box: Box


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How many findings of one label an image has, and how many wait for a verdict."""

    label: str
    found: int
    waiting: int
    rejected: int


def label_words(label: str) -> str:
    """Return a label as people read it, in the language of the window."""
    return in_words(label.replace("-", " ").replace("_", " "))


def looked_for(manifest: DetectorManifest | None) -> tuple[str, ...]:
    """Return the labels that the detector looks for."""
    return tuple(spec.name for spec in manifest.labels) if manifest else ()


def _is_likely(manifest: DetectorManifest | None, label: str, score: float) -> bool:
    point = manifest.point(RULE_IN) if manifest else None
    if point is None or label not in {t.label for t in point.thresholds}:
        return False
    return score >= point.score_of(label)


def rows_of(
    study: Study, image_id: str, manifest: DetectorManifest | None
) -> tuple[FindingRow, ...]:
    """Return one row a finding of the image, in the order of the study."""
    here = [(i, f) for i, f in enumerate(study.findings) if f.image_id == image_id]
    return tuple(
        FindingRow(
            index,
            number,
            finding.detection.label,
            finding.detection.score,
            _is_likely(manifest, finding.detection.label, finding.detection.score),
            finding.verdict,
            finding.detection.box,
        )
        for number, (index, finding) in enumerate(here, start=1)
    )


def counts_of(rows: Sequence[FindingRow], labels: Sequence[str]) -> tuple[LabelCount, ...]:
    """Return a count for each of `labels` and for any other label that was found."""
    found = Counter(r.label for r in rows)
    waiting = Counter(r.label for r in rows if r.verdict is Verdict.UNREVIEWED)
    rejected = Counter(r.label for r in rows if r.verdict is Verdict.REJECTED)
    known = (*labels, *(label for label in found if label not in labels))
    return tuple(LabelCount(x, found[x], waiting[x], rejected[x]) for x in known)
