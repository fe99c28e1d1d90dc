"""The annotated picture and the report say what was found, and never more."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtPdf import QPdfDocument
from PyQt6.QtWidgets import QApplication

from edge_app.domain.error import ExportFailedError
from edge_app.domain.geometry import Box
from edge_app.domain.patient import PatientRef
from edge_app.domain.reading import EXPERIMENTAL, Advice, Outcome, QualityIssue, not_analysed
from edge_app.domain.study import (
    OTHER,
    Called,
    DrawnFinding,
    Signature,
    Study,
    StudyImage,
    Verdict,
)
from edge_app.exchange.annotated import drawn, write_annotated
from edge_app.exchange.pdf_report import BANNER, PdfReport, outcome_sentence
from edge_app.languages.catalogue import catalogue
from tests.fakes import LABELS, NOON, a_detection, a_reading, a_study, an_image, some_pixels

PIXELS = some_pixels(200, 150)


@pytest.fixture(scope="module", autouse=True)
def application():
    return QApplication.instance() or QApplication([])


def text_of(path):
    report = QPdfDocument(None)
    assert report.load(str(path)) is QPdfDocument.Error.None_
    pages = [report.getAllText(n).text() for n in range(report.pageCount())]
    report.close()
    return " ".join(" ".join(pages).split())


def reported(tmp_path, study, *images):
    path = tmp_path / "report.pdf"
    path.write_bytes(PdfReport(LABELS).pdf(study, images))
    return text_of(path)


def of_one(reading, image):
    study = Study("study-1", PatientRef("P-1", "Amina Test"), NOON)
    study = study.with_image(StudyImage.of(image, "image-1"))
    return study.with_reading("image-1", reading) if reading else study


def a_drawn_study(image):
    """Return a study with one finding renamed, one rejected, and one that a person drew."""
    study = a_study(image, [a_detection(), a_detection("platelet", 0.4)])
    study = study.renamed(0, Called(OTHER, "a fold")).judged(1, Verdict.REJECTED)
    box = Box(30.0, 60.0, 90.0, 80.0)
    return study.with_drawn(DrawnFinding(Called("white-cell"), box, "image-1", "Amina", NOON))


def test_what_a_person_drew_is_in_the_report_and_never_counts_as_the_detectors(tmp_path):
    image = an_image(PIXELS)

    said = reported(tmp_path, a_drawn_study(image).signed(Signature("Dr Test", NOON)), image)

    assert "Found: white-cell 0, red-cell 0, platelet 0, other 1." in said
    assert "Drawn by a person, not marked by the detector: white-cell 1." in said
    assert "drawn by Amina" in said
    assert "30, 60, 90, 80" in said
    assert "other: a fold (the detector said: red-cell)" in said


def test_what_a_person_drew_is_in_the_report_where_the_detector_found_nothing(tmp_path):
    image = an_image(PIXELS)
    box = Box(30.0, 60.0, 90.0, 80.0)
    study = a_study(image).with_drawn(DrawnFinding(Called("platelet"), box, "image-1", "", NOON))

    said = reported(tmp_path, study.signed(Signature("Dr Test", NOON)), image)

    assert "Nothing found that this detector looks for" in said
    assert "Drawn by a person, not marked by the detector: platelet 1." in said
    assert "drawn by a person" in said


def test_a_drawing_that_was_rejected_is_left_out_of_the_report(tmp_path):
    image = an_image(PIXELS)
    study = a_drawn_study(image).judged(2, Verdict.REJECTED)

    assert "Drawn by" not in reported(tmp_path, study, image)


def test_a_report_carries_banner_patient_outcome_certificate_and_signature(tmp_path):
    image = an_image(PIXELS)
    study = a_study(image, [a_detection(), a_detection("platelet")])
    study = study.judged(0, Verdict.ACCEPTED).judged(1, Verdict.ACCEPTED)

    said = reported(tmp_path, study.signed(Signature("Dr Test", NOON)), image)

    found = "Found: white-cell 0, red-cell 1, platelet 1."
    signed = "Signed by Dr Test"
    for part in (BANNER, "Amina Test", "P-1", found, "blood-smear", "golden-1", signed):
        assert part in said


def test_the_report_of_an_amended_study_says_what_it_replaces_and_why(tmp_path):
    image = an_image(PIXELS)
    study = replace(of_one(a_reading(image), image), signature=Signature("Dr Test", NOON))
    study = replace(study, version=4).amended("The other hand.", "Dr Other", NOON)

    said = reported(tmp_path, study, image)

    assert "AMENDED: replaces version 4. Reason: The other hand. (Dr Other, 2026-03-02" in said
    assert "NOT SIGNED" in said


def test_a_rejected_finding_is_left_out_of_the_report(tmp_path):
    image = an_image(PIXELS)
    study = a_study(image, [a_detection("red-cell", 0.81), a_detection("platelet", 0.72)])
    study = study.judged(0, Verdict.ACCEPTED).judged(1, Verdict.REJECTED)

    said = reported(tmp_path, study, image)

    assert "Found: white-cell 0, red-cell 1, platelet 0." in said
    assert "0.72" not in said


def test_findings_that_were_all_rejected_are_not_called_nothing_found(tmp_path):
    image = an_image(PIXELS)

    said = reported(tmp_path, a_study(image, [a_detection()]).judged(0, Verdict.REJECTED), image)

    assert "all rejected" in said
    assert "Nothing found" not in said


def test_no_finding_says_what_was_looked_for(tmp_path):
    image = an_image(PIXELS)

    said = reported(tmp_path, a_study(image), image)

    assert f"Nothing found that this detector looks for ({', '.join(LABELS)})." in said


@pytest.mark.parametrize("by_eye", [False, True])
@pytest.mark.parametrize("issue", [*QualityIssue, None])
def test_a_report_without_an_answer_never_says_that_nothing_was_found(tmp_path, issue, by_eye):
    image = an_image(PIXELS)
    gave_up = not_analysed(image.hash, "blood-smear", "The detector's process failed.")
    study = of_one(a_reading(image, [a_detection()], issue) if issue else gave_up, image)
    study = study.with_read_by_eye("image-1") if by_eye else study

    said = reported(tmp_path, study, image)

    assert "Nothing found" not in said
    assert ("cannot say" if issue else "Not analysed") in said
    assert study.readings["image-1"].reason in said
    assert ("Read by eye" in said) == by_eye


def test_a_study_that_was_never_read_says_so(tmp_path):
    image = an_image(PIXELS)

    said = reported(tmp_path, of_one(None, image), image)

    assert "Not analysed." in said
    assert "Nothing found" not in said
    assert "NOT SIGNED" in said


def test_only_a_reading_without_findings_may_say_that_nothing_was_found():
    image = an_image()
    readings = {
        Outcome.FINDING: a_reading(image, [a_detection()]),
        Outcome.NO_FINDING: a_reading(image),
        Outcome.CANNOT_SAY: a_reading(image, issue=QualityIssue.BLURRED),
        Outcome.NOT_ANALYSED: not_analysed(image.hash, "", "None loaded."),
    }
    said = {o: outcome_sentence(r, (), "cells") for o, r in readings.items()}

    assert [o for o, words in said.items() if "Nothing found" in words] == [Outcome.NO_FINDING]


def test_names_with_markup_and_other_scripts_come_through(tmp_path):
    image = an_image(PIXELS)
    study = replace(a_study(image), patient=PatientRef("<b>7</b> & 8", "O'Brien <script>"))

    said = reported(tmp_path, study, image)

    assert "<b>7</b> & 8" in said
    assert "O'Brien <script>" in said


def test_every_image_of_a_study_is_in_its_report(tmp_path):
    one, other = an_image(PIXELS), an_image(some_pixels(200, 150, shift=9))
    study = a_study(one).with_image(StudyImage.of(other, "image-2"))
    study = study.with_reading("image-2", a_reading(other, issue=QualityIssue.OVER_EXPOSED))

    said = reported(tmp_path, study, one, other)

    assert "Nothing found" in said
    assert "The detector cannot say. The picture is over-exposed." in said


def experimental(reading):
    return replace(reading, certificate=replace(reading.certificate, is_experimental=True))


def test_what_an_experimental_detector_says_begins_with_that(tmp_path):
    image = an_image(PIXELS)
    study = of_one(experimental(a_reading(image)), image)

    said = reported(tmp_path, study, image)

    assert f"{EXPERIMENTAL} Nothing found that this detector looks for" in said


def test_the_detectors_advice_stands_in_the_report(tmp_path):
    image = an_image(PIXELS)
    study = of_one(replace(a_reading(image), advice=Advice.REFER), image)

    assert "advice on the image as a whole: refer." in reported(tmp_path, study, image)


def test_a_picture_of_an_experimental_reading_carries_a_watermark():
    plain = np.asarray(drawn(PIXELS, [], LABELS))
    marked = np.asarray(drawn(PIXELS, [], LABELS, watermark=EXPERIMENTAL))

    changed = (plain != marked).any(axis=2)
    assert np.count_nonzero(changed[: PIXELS.shape[0] // 2]) == 0
    assert changed.any(axis=0).mean() > 0.6


def test_a_box_is_drawn_where_it_is_and_nowhere_else():
    picture = np.asarray(drawn(PIXELS, [a_detection(box=Box(40, 30, 90, 80))], LABELS))
    changed = (picture != PIXELS).any(axis=2)

    assert changed[30, 40:90].all()
    assert changed[79, 40:90].all()
    assert changed[30:80, 40].all()
    assert changed[30:80, 89].all()
    assert not changed[35:75, 45:85].any()
    assert not changed[85:].any()
    assert not changed[:, 95:].any()


def test_labels_differ_in_more_than_one_sign():
    pictures = [
        np.asarray(drawn(PIXELS, [a_detection(label, box=Box(9, 9, 140, 140))], LABELS))
        for label in LABELS
    ]

    marked = [(p != PIXELS).any(axis=2) for p in pictures]
    drawn_in = [
        {tuple(c) for c in p[m].tolist() if any(c)} for p, m in zip(pictures, marked, strict=True)
    ]
    assert len({frozenset(c) for c in drawn_in}) == len(LABELS)


def test_a_box_without_area_and_an_unknown_label_do_not_stop_the_drawing(tmp_path):
    path = tmp_path / "a.png"
    boxes = [a_detection(box=Box(5, 5, 5, 5)), a_detection("unknown", box=Box(20, 20, 60, 60))]

    write_annotated(PIXELS, boxes, LABELS, path)

    with Image.open(path) as written:
        assert written.size == (200, 150)


def test_a_picture_that_cannot_be_written_is_an_export_error(tmp_path):
    with pytest.raises(ExportFailedError):
        write_annotated(PIXELS, [], LABELS, tmp_path / "missing" / "a.png")


def test_a_written_picture_is_readable_by_its_owner_alone(tmp_path):
    path = tmp_path / "picture.png"

    write_annotated(PIXELS, [a_detection()], LABELS, path)

    assert path.stat().st_mode & 0o077 == 0
    assert [held.name for held in tmp_path.iterdir()] == ["picture.png"]


@pytest.mark.parametrize("code", ["fr", "es", "pt", "sw"])
def test_a_report_says_all_of_its_sentences_in_its_language(tmp_path, code):
    image = an_image()
    study = a_study(image)
    path = tmp_path / "report.pdf"
    words = catalogue(code)
    path.write_bytes(PdfReport(LABELS, None, words).pdf(study, [image]))
    said = text_of(path)

    assert "Amina Test" in said
    for source in (BANNER, "Imaging report", "NOT SIGNED. This is a draft."):
        assert words.tr(source).replace("\u00a0", " ") in said.replace("\u00a0", " ")
        assert source not in said
    nothing = words.tr("Nothing found that this detector looks for ({0}).").partition("(")[0]
    assert nothing.strip() in said
