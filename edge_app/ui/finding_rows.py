"""The findings of one image as lines to read: number, name, word for the score, verdict."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from PyQt6.QtCore import QCoreApplication

from edge_app.domain.geometry import Box
from edge_app.domain.manifest import DetectorManifest
from edge_app.domain.study import OTHER, Called, Finding, Marked, Study, Verdict
from edge_app.ui.in_words import in_words

RULE_IN = "rule-in"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding to be reviewed.

    Attributes:
        index: Of the finding in its study, as `Study.marked` counts.
        number: That people see, counted from one in each image.
        label: What it is, as a person says or else the detector.
        score: Of the detector; none where a person drew it.
        called: What a person calls it; None where it is as the detector says.
        said: What the detector called it, where a person says otherwise.
        is_likely: Whether the score reaches the point at which the detector rules in.
    """

    index: int
    number: int
    label: str
    score: float | None
    is_likely: bool
    verdict: Verdict
    box: Box
    called: Called | None = None
    is_drawn: bool = False
    said: str = ""


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How many findings of one label the detector has in an image, and how many of them wait.

    Attributes:
        drawn: How many people drew beside those.
    """

    label: str
    found: int
    waiting: int
    rejected: int
    drawn: int = 0


def label_words(label: str) -> str:
    """Return a label as people read it, in the language of the window."""
    if label == OTHER:
        return QCoreApplication.translate("Finding", "other")
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
    here = [(i, f) for i, f in enumerate(study.marked) if f.image_id == image_id]
    return tuple(
        _row_of(index, number, marked, manifest)
        for number, (index, marked) in enumerate(here, start=1)
    )


def _row_of(
    index: int, number: int, marked: Marked, manifest: DetectorManifest | None
) -> FindingRow:
    said = marked.detection if isinstance(marked, Finding) else None
    return FindingRow(
        index,
        number,
        marked.label,
        said.score if said else None,
        said is not None and _is_likely(manifest, said.label, said.score),
        marked.verdict,
        marked.box,
        marked.called,
        is_drawn=said is None,
        said=said.label if said and marked.called else "",
    )


def counts_of(rows: Sequence[FindingRow], labels: Sequence[str]) -> tuple[LabelCount, ...]:
    """Return a count for each of `labels` and for any other label that was found."""
    detected = [r for r in rows if not r.is_drawn]
    found = Counter(r.label for r in detected)
    waiting = Counter(r.label for r in detected if r.verdict is Verdict.UNREVIEWED)
    rejected = Counter(r.label for r in detected if r.verdict is Verdict.REJECTED)
    drawn = Counter(r.label for r in rows if r.is_drawn)
    known = dict.fromkeys((*labels, *(r.label for r in rows)))
    return tuple(LabelCount(x, found[x], waiting[x], rejected[x], drawn[x]) for x in known)
