"""The files of a de-identified study: no byte, name or number of them leads to the patient."""

import io
import json
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydicom import dcmread

from edge_app.domain.confidentiality import Confidentiality, LeavingPlan, Option
from edge_app.domain.geometry import Box
from edge_app.domain.study import OTHER, Called, DrawnFinding, Study, Verdict
from edge_app.exchange.confidentiality import profile
from edge_app.exchange.confidentiality.annex_e import Action
from edge_app.exchange.confidentiality.pseudonyms import Pseudonyms
from edge_app.exchange.deidentified import DeidentifiedFiles
from edge_app.exchange.dicom_study import data_set_of, own_uid, part_10
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, FakeStore, a_detection, a_reading, an_image, some_pixels
from tests.faults.marked_day import MARKED
from tests.faults.test_nothing_readable import hits

STUDY = "Zebrowska-66173399"
"""An id that names the patient: even that must not leave."""
KEEP = [frozenset(), *(frozenset({option}) for option in Option),
        frozenset(Option) - {Option.SHIFTED_DATES}]  # fmt: skip
KEY = bytes(range(32))


def a_signed_study() -> tuple[Study, list]:
    store = FakeStore()
    study = store.start(Study(STUDY, MARKED, NOON))
    images = [an_image(some_pixels(shift=n), sequence=n, spacing_mm=(0.1, 0.1)) for n in (1, 2)]
    for image in images:
        study = store.capture(study, image)
        reading = a_reading(image, (a_detection(),))
        study = examine.keep_reading(store, study, study.images[-1].image_id, reading)
    for index in range(len(study.findings)):
        study = study.judged(index, Verdict.ACCEPTED)
    return examine.sign(store, FakeClock(), study, MARKED.name), images


def export(folder: Path, keep=frozenset(), project="p", key=KEY) -> Path:
    """Export one study of two pictures and return the folder."""
    return exported(*a_signed_study(), folder, keep, project, key)


def exported(study, images, folder, keep=frozenset(), project="p", key=KEY) -> Path:
    """Export a study of two pictures and return the folder."""
    plan = LeavingPlan(Confidentiality(project, keep), ((), ()))
    by_id = {saved.image_id: image for saved, image in zip(study.images, images, strict=True)}
    folder.mkdir(exist_ok=True)
    for name, made in DeidentifiedFiles(key).files(study, lambda i: by_id[i.image_id], plan):
        (folder / name).write_bytes(made())
    return folder


def read(path: Path):
    return dcmread(io.BytesIO(path.read_bytes()))


def dicom_in(folder: Path) -> list:
    return [read(path) for path in sorted(folder.glob("*.dcm"))]


def everything_in(folder: Path) -> bytes:
    names = "\n".join(str(p.relative_to(folder)) for p in sorted(folder.rglob("*"))).encode()
    return names + b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file())


def named(options) -> str:
    return "+".join(sorted(o.value for o in options)) or "basic"


@pytest.mark.parametrize("keep", KEEP, ids=named)
def test_nothing_that_leaves_names_the_patient_in_six_encodings(tmp_path, keep):
    content = everything_in(export(tmp_path, keep))

    found = hits(content)
    assert len(list(tmp_path.iterdir())) == 5
    assert len(found) == 6
    assert sum(found.values()) == 0
    assert b"66173399" not in content
    assert b"19570309" not in content


def test_what_people_drew_and_renamed_leaves_without_their_names_and_words(tmp_path):
    signed, images = a_signed_study()
    study = replace(signed, signature=None).renamed(0, Called(OTHER, f"as {MARKED.name} said"))
    drawn = DrawnFinding(
        Called(OTHER, MARKED.name), Box(30, 30, 44, 40), study.images[0].image_id, MARKED.name, NOON
    )
    exported(study.with_drawn(drawn), images, tmp_path)

    assert sum(hits(everything_in(tmp_path)).values()) == 0
    (record,) = tmp_path.glob("*.json")
    (first, second) = json.loads(record.read_bytes())["pictures"]
    assert [f["called"] for f in first["findings"]] == [OTHER]
    assert first["drawn"] == [{"label": OTHER, "verdict": "accepted", "box": [30, 30, 44, 40]}]
    assert second["drawn"] == []


def test_the_data_set_before_it_is_cleaned_does_name_the_patient():
    study, images = a_signed_study()

    content = part_10(data_set_of(study, study.images[0], images[0]))

    assert sum(hits(content).values()) > 5
    assert b"19570309" in content


def test_numbers_are_the_same_within_a_project_and_others_with_another_project_or_key(tmp_path):
    ways = [("a", "trial", KEY), ("b", "trial", KEY), ("c", "teaching", KEY),
            ("d", "trial", bytes(32))]  # fmt: skip

    made = [export(tmp_path / out, project=project, key=key) for out, project, key in ways]

    names = [tuple(sorted(p.name for p in folder.iterdir())) for folder in made]
    one, two, other, foreign = (
        {d[0].StudyInstanceUID, d[0].SeriesInstanceUID, d[0].SOPInstanceUID, d[0].PatientID}
        for d in map(dicom_in, made)
    )
    assert names[0] == names[1]
    assert len(set(names)) == 3
    assert one == two
    assert len(one | other | foreign) == 12
    first, second = dicom_in(made[0])
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID


def test_what_is_kept_is_kept(tmp_path):
    kept = frozenset({Option.PATIENT, Option.DATES, Option.DEVICE, Option.UIDS})
    plain, full = dicom_in(export(tmp_path / "a"))[0], dicom_in(export(tmp_path / "b", kept))[0]

    assert (plain.PatientSex, plain.StudyDate, plain.get("PatientAge")) == ("", "", None)
    assert (full.PatientSex, full.StudyDate, full.StationName) == ("F", "20260302", "fake-1")
    assert full.PatientAge == "068Y"
    assert (date(2026, 3, 2) - MARKED.birth_date).days // 365.25 == 68
    assert full.PatientBirthDate == ""
    assert full.StudyInstanceUID == own_uid(STUDY) != plain.StudyInstanceUID


def test_shifted_dates_are_others_and_the_same_for_one_patient(tmp_path):
    one, two = dicom_in(export(tmp_path, frozenset({Option.SHIFTED_DATES})))

    assert one.StudyDate == two.StudyDate != "20260302"
    assert one.LongitudinalTemporalInformationModified == "MODIFIED"


def test_the_pixels_are_those_of_the_picture(tmp_path):
    one, two = dicom_in(export(tmp_path))

    assert (one.pixel_array == some_pixels(shift=1)).all()
    assert (two.pixel_array == some_pixels(shift=2)).all()
    assert list(one.PixelSpacing) == [0.1, 0.1]


def test_pictures_carry_nothing_but_pixels(tmp_path):
    for path in export(tmp_path).glob("*.png"):
        content, place, chunks = path.read_bytes(), 8, set()
        while place < len(content):
            length = int.from_bytes(content[place : place + 4], "big")
            chunks.add(content[place + 4 : place + 8])
            place += 12 + length
        assert chunks == {b"IHDR", b"IDAT", b"IEND"}


def test_every_try_makes_the_same_files_to_the_last_byte(tmp_path):
    assert everything_in(export(tmp_path / "a")) == everything_in(export(tmp_path / "b"))


def test_the_mark_of_unfinished_files_leads_to_no_job():
    one, other = DeidentifiedFiles(KEY), DeidentifiedFiles(bytes(32))

    assert one.mark("a job") == one.mark("a job") != other.mark("a job")
    assert "a job" not in one.mark("a job")


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="NOT TESTED: dciodvfy is not installed")
@pytest.mark.parametrize("keep", KEEP, ids=named)
def test_files_are_valid_in_the_eyes_of_dciodvfy(tmp_path, keep):
    for path in export(tmp_path, keep).glob("*.dcm"):
        said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        assert "SCImage" in said.stderr
        assert [line for line in said.stderr.splitlines() if line.startswith("Error")] == []


@pytest.mark.skipif(not shutil.which("dcmdump"), reason="NOT TESTED: dcmtk is not installed")
def test_dcmtk_reads_the_files(tmp_path):
    for path in export(tmp_path).glob("*.dcm"):
        said = subprocess.run(["dcmdump", str(path)], capture_output=True, text=True, check=True)
        assert "(0012,0062) CS [YES]" in said.stdout
        assert said.stderr == ""


ORIGINAL_UIDS = {own_uid(STUDY), own_uid(f"{STUDY} series fake-1"), own_uid("image-1")}


def as_broken(build: str, patch: pytest.MonkeyPatch) -> None:
    """Break the program in one way."""
    if build == "keeps one attribute":
        action = profile.action_for
        patch.setattr(
            profile,
            "action_for",
            lambda tag, vr, o: Action.KEEP if tag == 0x00081048 else action(tag, vr, o),
        )
        patch.setattr(profile.Identity, "is_in", lambda _self, _text: False)
    if build == "keeps uids":
        patch.setattr(profile._Cleaning, "_renumbered", lambda _self, element, _ds: element.value)
    if build == "names files by the study":
        patch.setattr(Pseudonyms, "file_stem", lambda _self, study_id: study_id)
    if build == "records the patient":
        patch.setattr(Pseudonyms, "patient", lambda _self, patient: patient.identifier)


def is_sound(folder: Path) -> bool:
    """Return whether an export is what the tests above ask for."""
    content = everything_in(folder)
    uids = {str(e.value) for ds in dicom_in(folder) for e in ds if e.VR == "UI"}
    return sum(hits(content).values()) == 0 and b"66173399" not in content and not (
        uids & ORIGINAL_UIDS
    )  # fmt: skip


def test_a_sound_build_passes_what_catches_the_broken_ones(tmp_path):
    assert is_sound(export(tmp_path))


@pytest.mark.parametrize(
    "build",
    ["keeps one attribute", "keeps uids", "names files by the study", "records the patient"],
)
def test_a_broken_build_is_caught(tmp_path, monkeypatch, build):
    as_broken(build, monkeypatch)

    assert not is_sound(export(tmp_path))
