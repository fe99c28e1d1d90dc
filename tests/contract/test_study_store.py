"""What every store of studies promises, run on the disk and in memory."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_app.domain.error import StepRefusedError, StudyChangedError, StudyUnknownError
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, StudyState, Verdict
from edge_app.ports import StudyStore
from edge_app.storage.study_store import SqliteStudyStore
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, FakeStore, a_detection, a_reading, an_image
from tests.keys import KEYS

AMINA = PatientRef("P-1", "Amina Test", date(1990, 5, 17), "F")
WRITTEN = ("", " ", "\u0623\u0645\u064a\u0646\u0629", "\u05e9\u05e8\u05d4 \u202e", "\u738b\u5c0f")
WRITTEN += ("e\u0301\u0323", "\u00e9", "a\u200d\u0000b", "\U0001f9ec", "O'Brien^=\\ \"--;")


@pytest.fixture(params=["disk", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StudyStore]:
    if request.param == "memory":
        yield FakeStore()
        return
    with SqliteStudyStore(tmp_path / "store", KEYS) as opened:
        yield opened


def some_noise(seed: int = 1, height: int = 7, width: int = 5):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def started(store: StudyStore, study_id: str = "study-1", patient: PatientRef = AMINA) -> Study:
    return store.start(Study(study_id, patient, NOON))


def test_a_started_study_is_there_with_its_first_version(store):
    study = started(store)

    assert study.version == 1
    assert store.study("study-1") == study
    assert study.patient == AMINA


def test_a_captured_image_is_part_of_the_study_and_counts_a_version(store):
    image = an_image(some_noise())

    study = store.capture(started(store), image)

    assert study.version == 2
    assert [kept.hash for kept in study.images] == [image.hash]
    assert store.study("study-1") == study


def test_a_saved_picture_is_known_again_in_whatever_study_it_is_and_no_other_is(store):
    image, other = an_image(some_noise()), an_image(some_noise(2))
    assert not store.holds(image.hash)
    store.capture(started(store), image)
    started(store, "study-2")

    assert store.holds(image.hash)
    assert not store.holds(other.hash)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 97), (48, 64), (131, 3)])
def test_saved_pixels_come_back_bit_for_bit(store, height, width):
    image = an_image(some_noise(3, height, width), sequence=9, spacing_mm=(0.25, 0.3))

    study = store.capture(started(store), image)
    back = store.pixels(study, study.images[0].image_id)

    assert np.array_equal(back.pixels, image.pixels)
    assert (back.hash, back.sequence, back.spacing_mm) == (image.hash, 9, (0.25, 0.3))
    assert (back.device_id, back.captured_at) == (image.device_id, image.captured_at)
    assert back.monotonic_ns == image.monotonic_ns


def test_a_turned_view_of_pixels_is_kept_as_it_is_seen(store):
    image = an_image(some_noise(4, 6, 8)[::-1, ::2])

    study = store.capture(started(store), image)

    assert np.array_equal(store.pixels(study, study.images[0].image_id).pixels, image.pixels)


def test_two_equal_frames_are_two_images(store):
    study = store.capture(started(store), an_image())

    study = store.capture(study, an_image())

    assert len({kept.image_id for kept in study.images}) == 2


def test_the_images_of_a_study_keep_their_order(store):
    study = started(store)
    images = [an_image(some_noise(seed)) for seed in range(5)]
    for image in images:
        study = store.capture(study, image)

    assert [kept.hash for kept in store.study("study-1").images] == [i.hash for i in images]


def test_a_reading_and_its_verdicts_are_kept(store):
    image = an_image()
    study = store.capture(started(store), image)
    found = a_reading(image, (a_detection(), a_detection("platelet", 0.4)))

    study = examine.keep_reading(store, study, study.images[0].image_id, found)
    study = examine.judge(store, study, 0, Verdict.REJECTED)

    assert store.study("study-1") == study
    assert study.readings[study.images[0].image_id] == found
    assert [f.verdict for f in study.findings] == [Verdict.REJECTED, Verdict.UNREVIEWED]


@pytest.mark.parametrize("behind", [1, 2])
def test_an_old_version_is_refused_and_the_newer_one_is_kept(store, behind):
    old = started(store)
    newer = old
    for _ in range(behind):
        newer = store.save(newer, "looked at")

    with pytest.raises(StudyChangedError):
        store.save(replace(old, patient=PatientRef("P-2")), "renamed")
    with pytest.raises(StudyChangedError):
        store.capture(old, an_image())

    assert store.study("study-1") == newer


def test_a_study_that_was_never_started_cannot_be_changed(store):
    with pytest.raises(StudyChangedError):
        store.save(Study("study-9", AMINA, NOON, version=3), "looked at")

    assert list(store.studies()) == []


def test_a_second_study_with_the_same_id_is_refused(store):
    first = started(store)

    with pytest.raises(StudyChangedError):
        started(store, patient=PatientRef("P-2", "Another Person"))

    assert store.study("study-1") == first


def test_a_copy_from_before_the_start_is_an_old_version(store):
    unsaved = Study("study-1", AMINA, NOON)
    first = store.start(unsaved)

    with pytest.raises(StudyChangedError):
        store.save(unsaved, "looked at")

    assert store.study("study-1") == first


def test_after_a_refusal_the_newest_version_can_be_changed(store):
    old = started(store)
    store.capture(old, an_image())
    with pytest.raises(StudyChangedError):
        store.capture(old, an_image())

    study = store.capture(store.study("study-1"), an_image())

    assert (study.version, len(study.images)) == (3, 2)


def test_an_unknown_study_is_named_as_such(store):
    started(store)

    with pytest.raises(StudyUnknownError):
        store.study("study-2")


def test_an_image_that_the_study_does_not_have_is_named_as_such(store):
    study = store.capture(started(store), an_image())
    other = started(store, "study-2")

    with pytest.raises(StudyUnknownError):
        store.pixels(study, "no-such-image")
    with pytest.raises(StudyUnknownError):
        store.pixels(other, study.images[0].image_id)


def test_studies_are_listed_newest_first_whatever_the_clock_says(store):
    for number in range(4):
        store.start(Study(f"study-{number}", AMINA, NOON.replace(year=2026 - number)))
    store.save(store.study("study-1"), "looked at")

    listed = [summary.study_id for summary in store.studies()]

    assert listed == ["study-3", "study-2", "study-1", "study-0"]


def test_a_list_line_says_what_is_in_the_study(store):
    image = an_image()
    study = store.capture(started(store), image)
    examine.keep_reading(store, study, study.images[0].image_id, a_reading(image, (a_detection(),)))

    (line,) = store.studies()

    assert (line.study_id, line.patient, line.started_at) == ("study-1", AMINA, NOON)
    assert (line.state, line.outcome) == (StudyState.READ, "finding")
    assert (line.n_images, line.n_findings) == (1, 1)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["s-3", "s-2", "s-1"]),
        ("zebrowska", ["s-2"]),
        ("ZEBR", ["s-2"]),
        ("amina zeb", ["s-2"]),
        ("MRN-7734", ["s-2"]),
        ("jose", ["s-3"]),
        ("\u738b", ["s-1"]),
        ("2026-03-02 mrn", ["s-3", "s-2", "s-1"]),
        ("s-1", ["s-1"]),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
        ("nobody", []),
    ],
)
def test_a_search_finds_parts_of_names_identifiers_and_days(store, search, found):
    for number, name in enumerate(("\u738b\u5c0f", "Zebrowska^Amina", "Jos\u00e9 Silva"), start=1):
        started(store, f"s-{number}", PatientRef(f"MRN-773{number + 2}", name))

    assert [line.study_id for line in store.studies(search)] == found
    assert [line.study_id for line in store.studies(search, 1)] == found[:1]


def test_a_patient_who_was_added_later_is_found(store):
    study = started(store, patient=PatientRef(""))

    store.save(replace(study, patient=AMINA), "patient identified")

    assert [line.patient for line in store.studies("amina")] == [AMINA]


def test_a_retaken_image_leaves_the_study_but_its_pixels_stay(store):
    image = an_image()
    before = store.capture(started(store), image)
    image_id = before.images[0].image_id

    after = examine.retake(store, before, image_id)

    assert after.images == ()
    assert store.pixels(before, image_id).hash == image.hash


def test_a_signed_study_refuses_another_image(store):
    image = an_image()
    study = store.capture(started(store), image)
    study = examine.keep_reading(store, study, study.images[0].image_id, a_reading(image))
    signed = examine.sign(store, FakeClock(), study, "Dr Test")

    with pytest.raises(StepRefusedError):
        store.capture(signed, an_image())

    assert store.study("study-1") == signed


def test_a_signed_study_refuses_to_be_written_over(store):
    image = an_image()
    study = store.capture(started(store), image)
    study = examine.keep_reading(store, study, study.images[0].image_id, a_reading(image))
    signed = examine.sign(store, FakeClock(), study, "Dr Test")

    with pytest.raises(StepRefusedError):
        store.save(replace(signed, signature=None), "opened again")

    assert store.study("study-1") == signed


def signed_in(store: StudyStore) -> Study:
    image = an_image()
    study = store.capture(started(store), image)
    said = a_reading(image, (a_detection(),))
    study = examine.keep_reading(store, study, study.images[0].image_id, said)
    study = examine.judge(store, study, 0, Verdict.ACCEPTED)
    return examine.sign(store, FakeClock(), study, "Dr Test")


def test_an_amended_study_can_be_changed_and_signed_again_and_both_versions_stay(store):
    first = signed_in(store)

    study = examine.amend(store, FakeClock(), first, "Dr Other", "The other hand.")
    study = examine.judge(store, study, 0, Verdict.REJECTED)
    second = examine.sign(store, FakeClock(), study, "Dr Other")

    assert store.signed_versions("study-1") == [first.version, second.version]
    assert store.signed_version("study-1", first.version) == first
    assert store.signed_version("study-1", second.version) == second == store.study("study-1")
    assert [a.of_version for a in second.amendments] == [first.version]


def test_what_was_signed_stands_while_an_amendment_is_under_way(store):
    first = signed_in(store)

    study = examine.amend(store, FakeClock(), first, "Dr Other", "The other hand.")

    assert study.state is StudyState.REVIEWED
    assert study.amending
    assert study.amending.of_version == first.version
    assert store.signed_version("study-1", study.amending.of_version) == first


def test_an_abandoned_amendment_leaves_what_was_signed(store):
    first = signed_in(store)
    study = examine.amend(store, FakeClock(), first, "Dr Other", "The other hand.")
    study = examine.judge(store, study, 0, Verdict.REJECTED)

    after = examine.abandon_amendment(store, study)

    assert after == replace(first, version=study.version + 1) == store.study("study-1")
    assert store.signed_versions("study-1") == [first.version, after.version]


def test_an_amendment_of_an_older_version_is_refused(store):
    first = signed_in(store)
    second = examine.amend(store, FakeClock(), first, "Dr Other", "The other hand.")
    examine.sign(store, FakeClock(), second, "Dr Other")

    with pytest.raises((StudyChangedError, StepRefusedError)):
        examine.amend(store, FakeClock(), first, "Dr Late", "The other hand.")

    assert len(store.signed_versions("study-1")) == 2


def test_a_version_that_was_never_signed_is_not_shown_as_signed(store):
    signed = signed_in(store)

    with pytest.raises(StudyUnknownError):
        store.signed_version("study-1", signed.version - 1)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_patient_s_text_survives_unchanged(store, text):
    patient = PatientRef(text, text, None, text)

    started(store, patient=patient)

    assert store.study("study-1").patient == patient
    assert [line.patient for line in store.studies()] == [patient]


any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@settings(max_examples=30, deadline=None)
@given(people=st.lists(st.tuples(any_text, any_text, any_text), min_size=1, max_size=8))
def test_any_patient_s_text_is_there_after_the_store_was_opened_again(people):
    patients = [PatientRef(i, n, date(1950, 1, 1), s) for i, n, s in people]
    with TemporaryDirectory() as folder:
        with SqliteStudyStore(Path(folder), KEYS) as store:
            for number, patient in enumerate(patients):
                started(store, str(number), patient)
        with SqliteStudyStore(Path(folder), KEYS) as store:
            back = [store.study(str(number)).patient for number in range(len(patients))]

    assert back == patients
