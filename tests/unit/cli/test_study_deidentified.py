"""`edge-app study export --deidentified`: what leaves names nobody, in its bytes or its pixels."""

import io
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread

from edge_app.cli.program import run
from edge_app.compose import text_finding
from edge_app.compose.demo import DEMO_WORDS, demo_entrance
from edge_app.domain.account import Account, Role
from edge_app.domain.study import Study
from edge_app.settings import Settings
from edge_app.workflow import examine
from tests.fakes import NOON, FakeClock, a_detection, a_reading, an_image, some_pixels
from tests.faults.marked_day import MARKED
from tests.faults.test_nothing_readable import hits

STUDY = "Zebrowska-66173399"
"""An id that names the patient: even that must not leave."""


def with_a_name(shift: int = 0) -> np.ndarray:
    """Return a picture with a name burned into its upper left corner."""
    pixels = np.array(some_pixels(400, 300, shift))
    pixels[:60] = 0
    cv2.putText(pixels, "ZEBROWSKA 09/03/1957", (10, 36), 0, 0.7, (255, 255, 255), 1, cv2.LINE_AA)
    return pixels


NAME_INK = with_a_name()[:60].max(axis=2) > 60


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A store with a signed study of two pictures; the second one holds no text."""
    folder = tmp_path_factory.mktemp("kept")
    settings = Settings(folder / "data", folder)
    entrance, who = demo_entrance(settings)
    with entrance.store(who) as opened:
        store = opened.studies
        study = store.start(Study(STUDY, MARKED, NOON))
        for number, pixels in enumerate((with_a_name(), some_pixels(400, 300, 50))):
            image = an_image(pixels, sequence=number, spacing_mm=(0.1, 0.1))
            study = store.capture(study, image)
            reading = a_reading(image, (a_detection(),))
            study = examine.keep_reading(store, study, study.images[-1].image_id, reading)
            study = examine.read_by_eye(store, study, study.images[-1].image_id)
        for index in range(len(study.findings)):
            study = store.save(study.judged(index, study.findings[0].verdict.ACCEPTED), "judged x")
        examine.sign(store, FakeClock(), study, MARKED.name)
        opened.add(Account("Tek", frozenset({Role.TECHNICIAN})), "long enough words here 7")
    return settings.data_dir, who.account.name


@pytest.fixture
def export(kept, tmp_path, monkeypatch, capsys):
    """Export into a folder; return the status, the answer, what was said, and the folder."""
    data, name = kept
    monkeypatch.setenv("EDGE_APP_USER", name)
    monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(data / DEMO_WORDS))

    def exported(*options: str, out: str = "out"):
        place = tmp_path / out
        status = run(["study", "export", STUDY, "--deidentified", "--out", str(place),
                      "--data-dir", str(data), "--json", *options])  # fmt: skip
        said = capsys.readouterr()
        answer = json.loads(said.out) if said.out else None
        return status, answer, said.err, place

    return exported


def read(path: Path):
    return dcmread(io.BytesIO(path.read_bytes()))


def everything_in(folder: Path) -> bytes:
    names = "\n".join(str(p.relative_to(folder)) for p in sorted(folder.rglob("*"))).encode()
    files = [p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()]
    return names + b"".join(files)


def name_is_left(pixels: np.ndarray) -> float:
    """Return the share of the burned-in name's ink that can still be seen."""
    return float((pixels[:60].max(axis=2)[NAME_INK] > 0).mean())


def test_the_plain_export_does_name_the_patient(export, kept, tmp_path, capsys):
    out = tmp_path / "plain"

    assert run(["study", "export", STUDY, "--out", str(out), "--data-dir", str(kept[0])]) == 0

    assert sum(hits(everything_in(out)).values()) > 0


def test_a_name_in_the_pixels_is_black_in_every_file(export):
    _, answer, _, out = export()

    first = sorted(out.glob("*-1.*"))
    assert name_is_left(with_a_name()) == 1
    assert name_is_left(read(first[0]).pixel_array) == 0
    assert name_is_left(np.asarray(Image.open(first[1]))) == 0
    assert len(answer["pictures"][0]["text"]) >= 1
    assert answer["pictures"][0]["blacked_out"] == answer["pictures"][0]["text"]


def test_a_picture_without_text_is_the_same_to_the_last_pixel(export):
    _, answer, _, out = export()

    dicom, png = sorted(out.glob("*-2.*"))
    assert answer["pictures"][1] == {"text": [], "blacked_out": []}
    assert (read(dicom).pixel_array == some_pixels(400, 300, 50)).all()
    assert (np.asarray(Image.open(png)) == some_pixels(400, 300, 50)).all()


def test_text_that_would_stay_is_refused_until_a_person_says_so(export):
    status, answer, said, out = export("--leave-text")

    assert status == 1
    assert answer["error"]["code"] == "EXP-003"
    assert "picture 1" in said
    assert not out.exists()

    status, answer, _, out = export("--leave-text", "--looked-at")

    assert status == 0
    dicom = read(min(out.glob("*-1.dcm")))
    assert name_is_left(dicom.pixel_array) == 1
    assert dicom.BurnedInAnnotation == "YES"


def test_burned_in_annotation_is_no_only_once_a_person_looked(export):
    _, _, said, out = export()
    assert "BurnedInAnnotation" not in read(min(out.glob("*.dcm")))
    assert "text may have been missed" in said

    _, _, said, out = export("--looked-at", out="looked")
    dicom = read(min(out.glob("*.dcm")))
    assert dicom.BurnedInAnnotation == "NO"
    assert "113101" in {c.CodeValue for c in dicom.DeidentificationMethodCodeSequence}
    assert "missed" not in said


def test_a_place_that_a_person_names_is_black_too(export):
    _, answer, _, out = export("--black-out", "2:5,6,15,26")

    pixels = read(min(out.glob("*-2.dcm"))).pixel_array
    assert (pixels[6:26, 5:15] == 0).all()
    assert (pixels[6:26, 15] == some_pixels(400, 300, 50)[6:26, 15]).all()
    assert answer["pictures"][1]["blacked_out"] == [[5, 6, 15, 26]]


@pytest.mark.parametrize("place", ["1:5,5,5,9", "one", "0:1,1,2,2", "9:1,1,2,2"])
def test_a_place_that_is_none_is_wrong_use(export, place):
    status, _, _, out = export("--black-out", place)

    assert status == 2
    assert not out.exists()


def test_options_without_deidentified_are_wrong_use(kept, tmp_path):
    assert run(["study", "export", STUDY, "--out", str(tmp_path), "--keep", "uids"]) == 2


def test_dates_cannot_be_kept_and_shifted(export):
    status, answer, _, out = export("--keep", "dates", "--keep", "shifted-dates")

    assert (status, answer["error"]["code"], out.exists()) == (1, "EXP-002", False)


def test_where_the_search_for_text_fails_nothing_leaves(export, monkeypatch):
    monkeypatch.setattr(text_finding, "_WORKER", "edge_app.compose.no_such_worker")

    status, answer, _, out = export("--looked-at")

    assert (status, answer["error"]["code"], out.exists()) == (1, "EXP-004", False)


def test_the_export_and_how_are_in_the_audit_and_what_is_not_allowed_too(
    export, kept, capsys, monkeypatch, tmp_path
):
    data, name = kept
    export("--keep", "dates")
    words = tmp_path / "words"
    words.write_text("long enough words here 7")
    monkeypatch.setenv("EDGE_APP_USER", "Tek")
    monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(words))
    status, answer, _, out = export(out="refused")
    assert (status, answer["error"]["code"], out.exists()) == (1, "ACC-001", False)

    monkeypatch.setenv("EDGE_APP_USER", name)
    monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(data / DEMO_WORDS))
    assert run(["audit", "list", "--json", "--data-dir", str(data)]) == 0
    every = json.loads(capsys.readouterr().out)["events"]
    events = [e for e in every if e["kind"] == "110106"]
    assert events[-1]["act"] == "asked for: de-identified, keeping dates; text: blacked_out"
    assert events[-1]["study_id"] == STUDY
    refused = next(e for e in every if e["is_refused"])
    assert refused["act"] == "refused: export studies, looking for text to de-identify it"
    assert run(["audit", "verify", "--data-dir", str(data)]) == 0


def test_where_it_cannot_be_written_it_waits_in_the_outbox_and_is_sent_from_there(
    export, kept, capsys, tmp_path
):
    out = tmp_path / "out"
    _, first, _, _ = export("--project", "trial", out="one")
    name = Path(first["files"][0]).name
    out.mkdir()
    (out / name).write_bytes(b"of somebody else")

    status, answer, said, _ = export("--project", "trial")

    assert (status, answer["job"]["state"], answer["job"]["problem"]) == (1, "given up", "OUT-007")
    assert answer["files"] == []
    assert "It is in the outbox" in said
    assert [p.name for p in out.iterdir()] == [name]

    (out / name).unlink()
    place = ["--data-dir", str(kept[0])]
    assert run(["send", "outbox", "retry", answer["job"]["id"], "--json", *place]) == 0
    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    assert (job["kind"], job["state"], job["target"]) == ("de-identified", "sent", str(out))
    assert everything_in(out) == everything_in(tmp_path / "one")


def test_the_same_export_asked_for_twice_is_one_job_and_leaves_the_files_as_they_are(export):
    _, first, _, out = export("--project", "trial")
    before = {p.name: p.stat().st_mtime_ns for p in out.iterdir()}

    status, again, _, _ = export("--project", "trial")

    assert status == 0
    assert again["job"]["id"] == first["job"]["id"]
    assert {p.name: p.stat().st_mtime_ns for p in out.iterdir()} == before


@pytest.mark.parametrize("build", ["blacks out nothing", "finds nothing"])
def test_a_build_that_leaves_text_is_caught(export, monkeypatch, build):
    if build == "finds nothing":
        cli = "edge_app.cli.study_deidentified"
        monkeypatch.setattr(f"{cli}.searched", lambda _finder, images: [() for _ in images])
    else:
        made = "edge_app.exchange.deidentified"
        monkeypatch.setattr(f"{made}.without_text", lambda images, _places: images)

    with pytest.raises(AssertionError):
        test_a_name_in_the_pixels_is_black_in_every_file(export)
