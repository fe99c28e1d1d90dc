"""A study as files that name nobody: DICOM, PNG without metadata, and a record of the findings."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
from PIL import Image
from pydicom.dataset import Dataset

from edge_app.domain.confidentiality import LeavingPlan
from edge_app.domain.geometry import Box
from edge_app.domain.image import CapturedImage
from edge_app.domain.study import Finding, Study, StudyImage
from edge_app.exchange.annotated import png_of
from edge_app.exchange.confidentiality.profile import Deidentifier
from edge_app.exchange.confidentiality.pseudonyms import Pseudonyms
from edge_app.exchange.dicom_study import data_set_of, description_of, part_10
from edge_app.workflow.deidentify import without_text

File = tuple[str, Callable[[], bytes]]
"""A name, and what makes the content."""


class FindingRecord(msgspec.Struct, frozen=True):
    """A finding of the detector, without who judged it; `called` is what a person corrected it to.

    Words of their own are left out: they may name anybody.
    """

    label: str
    scheme: str
    code: str
    score: float
    verdict: str
    box: tuple[float, float, float, float]
    called: str = ""


class DrawnRecord(msgspec.Struct, frozen=True):
    """What a person marked and the detector did not; without who, when, and their own words."""

    label: str
    verdict: str
    box: tuple[float, float, float, float]


class PictureRecord(msgspec.Struct, frozen=True):
    """A picture and its reading."""

    file: str
    sop_instance_uid: str
    outcome: str
    detector: str
    version: str
    findings: tuple[FindingRecord, ...]
    drawn: tuple[DrawnRecord, ...] = ()


class StudyRecord(msgspec.Struct, frozen=True):
    """What of a study leaves: named one by one, so that nothing new joins by itself."""

    schema: int
    patient: str
    study_instance_uid: str
    kept: tuple[str, ...]
    text: str
    pictures: tuple[PictureRecord, ...]


@dataclass(frozen=True, slots=True, repr=False)
class DeidentifiedFiles:
    """Makes files with numbers drawn by the store's `key`: the same ones at every try."""

    key: bytes

    def files(
        self, study: Study, pixels: Callable[[StudyImage], CapturedImage], plan: LeavingPlan
    ) -> Iterator[File]:
        """Yield each file's name, which is drawn too, and what makes it; the record comes last."""
        leaving = _Leaving(study, pixels, plan, Pseudonyms(self.key, plan.wishes.project))
        stem = leaving.pseudonyms.file_stem(study.study_id)
        names = [f"{stem}-{number}" for number in range(1, len(study.images) + 1)]
        for place, name in enumerate(names):
            yield f"{name}.dcm", partial(leaving.dicom, place)
            yield f"{name}.png", partial(leaving.png, place)
        yield f"{stem}.json", partial(leaving.record, names)

    def mark(self, key: str) -> str:
        """Return the mark of a job's unfinished files, which tells nobody what it is of."""
        return Pseudonyms(self.key, "").file_stem(key)


@dataclass(frozen=True, slots=True, repr=False)
class _Leaving:
    """One study on its way out; one picture at a time is in memory."""

    study: Study
    pixels: Callable[[StudyImage], CapturedImage]
    plan: LeavingPlan
    pseudonyms: Pseudonyms

    def _image(self, place: int) -> CapturedImage:
        image = self.pixels(self.study.images[place])
        (made,) = without_text([image], [self.plan.places[place]])
        return made

    def _cleaned(self, ds: Dataset) -> Dataset:
        wishes, patient = self.plan.wishes, self.study.patient
        return Deidentifier(wishes, self.pseudonyms, patient).deidentified(ds)

    def dicom(self, place: int) -> bytes:
        """Return a picture as DICOM."""
        image = self._image(place)
        return part_10(self._cleaned(data_set_of(self.study, self.study.images[place], image)))

    def png(self, place: int) -> bytes:
        """Return a picture without any words beside it."""
        return png_of(Image.fromarray(self._image(place).pixels))

    def record(self, names: Sequence[str]) -> bytes:
        """Return what was found, by the files' names."""
        study, wishes = self.study, self.plan.wishes
        said = [
            self._cleaned(description_of(study, saved, self.pixels(saved)))
            for saved in study.images
        ]
        pictures = [
            _picture(study, saved, name, str(ds.SOPInstanceUID))
            for saved, name, ds in zip(study.images, names, said, strict=True)
        ]
        record = StudyRecord(
            1,
            self.pseudonyms.patient(study.patient),
            str(said[0].StudyInstanceUID) if said else "",
            tuple(sorted(option.value for option in wishes.options)),
            wishes.text.value,
            tuple(pictures),
        )
        return msgspec.json.format(msgspec.json.encode(record), indent=2)


def _picture(study: Study, saved: StudyImage, name: str, uid: str) -> PictureRecord:
    reading = study.readings.get(saved.image_id)
    made_by = reading.certificate if reading else None
    return PictureRecord(
        name,
        uid,
        reading.outcome.value if reading else "",
        made_by.detector if made_by else "",
        made_by.version if made_by else "",
        tuple(_findings(study.findings, saved.image_id)),
        tuple(
            DrawnRecord(d.label, d.verdict.value, _sides(d.box))
            for d in study.drawn
            if d.image_id == saved.image_id
        ),
    )


def _sides(box: Box) -> tuple[float, float, float, float]:
    return (box.x0, box.y0, box.x1, box.y1)


def _findings(findings: Sequence[Finding], image_id: str) -> Iterator[FindingRecord]:
    for finding in findings:
        if finding.image_id == image_id:
            seen = finding.detection
            yield FindingRecord(
                seen.label,
                seen.code.scheme,
                seen.code.value,
                seen.score,
                finding.verdict.value,
                _sides(seen.box),
                finding.called.label if finding.called else "",
            )
