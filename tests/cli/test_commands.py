"""The other commands keep the names that programs rely on."""

import json
import shutil

from tests.smears import PACKAGE, a_field

PER_LABEL = {"ap50", "sensitivity", "precision", "fp_per_image", "count_error", "ci95"}


def coco_of(smears, names, path):
    truth = a_field(7)[1]
    ids = {label: n for n, label in enumerate(("white-cell", "red-cell", "platelet"))}
    boxes = [
        {"image_id": n, "category_id": ids[c.label],
         "bbox": [c.box.x0, c.box.y0, c.box.width, c.box.height]}
        for n, name in enumerate(names) if name == "sharp.png" for c in truth.cells
    ]  # fmt: skip
    content = {
        "images": [{"id": n, "file_name": name, "group": n} for n, name in enumerate(names)],
        "annotations": boxes,
        "categories": [{"id": n, "name": label} for label, n in ids.items()],
    }
    path.write_text(json.dumps(content))
    return path


def test_evaluate_answers_with_figures_and_intervals(program, smears, tmp_path):
    coco = coco_of(smears, ["sharp.png", "blurred.png", "missing.png"], tmp_path / "coco.json")

    ended = program("evaluate", "--coco", coco, "--images", smears, "--json", "--quiet")

    assert ended.status == 1  # one image is missing
    answer = ended.answer
    assert (answer["n_images"], answer["n_groups"], answer["cannot_say"]) == (2, 2, 1)
    assert 0 <= answer["map"] <= answer["map50"] <= 1
    assert set(answer["per_label"]) == {"white-cell", "red-cell", "platelet"}
    assert all(set(a) >= PER_LABEL for a in answer["per_label"].values())
    assert len(answer["refused"]) == 1


def test_evaluate_draws_the_worst_images_under_names_that_tell_no_patient(
    program, smears, tmp_path
):
    coco = coco_of(smears, ["sharp.png", "blurred.png"], tmp_path / "coco.json")
    labels = json.loads(coco.read_text())
    labels["annotations"].append({"image_id": 1, "category_id": 0, "bbox": [0, 0, 3, 3]})
    coco.write_text(json.dumps(labels))
    out = tmp_path / "failures"

    ended = program("evaluate", "--coco", coco, "--images", smears, "--failures", out, "--json")

    told = ended.answer["failures"]
    drawn = sorted(p.name for p in out.iterdir())
    (blurred,) = [f for f in told if f["image"] == "blurred.png"]
    assert blurred["per_label"]["white-cell"]["missed"] == 1
    assert sorted(f["file"].rsplit("/", 1)[-1] for f in told) == drawn
    assert not any("blurred" in name or "sharp" in name for name in drawn)


def test_evaluate_refuses_a_set_that_is_none_and_an_unknown_point(program, smears, tmp_path):
    (tmp_path / "coco.json").write_text("{}")
    coco = coco_of(smears, ["sharp.png"], tmp_path / "good.json")
    common = ("--images", smears, "--json")

    broken = program("evaluate", "--coco", tmp_path / "coco.json", *common)
    unknown = program("evaluate", "--coco", coco, "--operating-point", "x", *common)

    assert (broken.status, broken.answer["error"]["code"]) == (1, "IMG-001")
    assert (unknown.status, unknown.answer["error"]["code"]) == (1, "DET-001")


def test_bench_measures_in_pairs(program):
    ended = program("bench", "--runs", "3", "--variant", "int8", "--provider", "cpu", "--json")

    assert ended.status == 0
    (row,) = ended.answer["results"]
    for key in ("session_run_ms", "pipeline_ms", "ratio", "cold_start_ms", "rss_mb"):
        assert row[key] > 0
        assert ended.answer[key] > 0


def test_models_are_listed_shown_and_tested(program):
    listed = program("models", "list", "--json").answer
    shown = program("models", "show", "blood-smear", "--json").answer
    tested = program("models", "selftest", "blood-smear", "--json")
    verified = program("models", "verify", PACKAGE, "--json")

    installed = sorted(p.parent.name for p in PACKAGE.parent.glob("*/package.toml"))
    assert [m["name"] for m in listed["models"]] == installed
    assert shown["model"]["must_not"]
    for ended in (tested, verified):
        assert ended.status == 0
        assert ended.answer["ok"]
        assert all({"name", "ok", "why"} <= set(c) for c in ended.answer["checks"])


def test_a_damaged_package_fails_its_checks(program, tmp_path):
    folder = shutil.copytree(PACKAGE, tmp_path / "packages" / PACKAGE.name)
    (folder / "model.int8.onnx").write_bytes(b"no model")

    for ended in (
        program("models", "verify", folder, "--json"),
        program("models", "verify", folder / "model.int8.onnx", "--json"),
        program("models", "selftest", "--json", packages=tmp_path / "packages"),
    ):
        assert ended.status == 1
        assert not ended.answer["ok"]
        assert any(c["why"] for c in ended.answer["checks"])


def test_no_detector_at_all_is_no_success_of_a_selftest(program, tmp_path):
    tested = program("models", "selftest", "--json", packages=tmp_path / "none")
    listed = program("models", "list", "--json", packages=tmp_path / "none")

    assert (tested.status, tested.answer["error"]["code"]) == (1, "DET-001")
    assert (listed.status, listed.answer["models"]) == (0, [])


def test_devices_are_listed(program):
    ended = program("devices", "list", "--json")

    assert ended.status == 0
    for device in ended.answer["devices"]:
        assert {"id", "kind", "name", "driver", "state", "capabilities"} <= set(device)
    assert ended.answer["devices"]


def test_a_device_that_is_none_is_refused(program):
    ended = program("devices", "list", "--device", "toaster:1", "--json")

    assert (ended.status, ended.answer["error"]["code"]) == (1, "DEV-001")


def test_the_demonstration_is_kept_and_exported(program, tmp_path):
    out = tmp_path / "demo"
    demo = program("demo", "--headless", "--out", out, "--json", "--quiet")
    store = ("--data-dir", out / "data", "--json")
    who = ("Demonstration", out / "data" / "demo-passphrase.txt")
    listed = program("study", "list", *store, who=who).answer["studies"]
    signed = [s["study_id"] for s in demo.answer["studies"] if s["state"] == "signed"]
    shown = program("study", "show", signed[0], *store, who=who).answer
    exported = program("study", "export", signed[0], "--out", tmp_path / "export", *store, who=who)

    assert demo.status == 0
    assert len(listed) == len(demo.answer["studies"])
    assert {p.rsplit(".", 1)[-1] for p in demo.answer["files"]} == {"pdf", "png", "json"}
    assert shown["state"] == "signed"
    assert list(shown["open_points"]) == []
    assert {p.suffix for p in (tmp_path / "export").iterdir()} == {".pdf", ".png", ".json"}
    assert exported.status == 0
    assert all(
        s["outcome"] != "no finding" for s in demo.answer["studies"] if s["state"] != "signed"
    )


def test_studies_are_locked_for_whoever_does_not_say_who_they_are(program):
    words = program.home / "words"
    words.parent.mkdir(exist_ok=True)
    words.write_text("long enough words here 7")
    key = words.with_name("key")
    asked = ("--passphrase-file", words, "--recovery-key-out", key)
    assert program("user", "setup", "Amina", *asked).status == 0

    ended = program("study", "list", "--json")

    assert (ended.status, ended.answer["error"]["code"]) == (1, "KEY-001")
    assert "the studies are there, encrypted" in ended.err


def test_a_device_that_nobody_has_set_up_says_so_and_promises_no_studies(program):
    ended = program("study", "list", "--json")

    assert (ended.status, ended.answer["error"]["code"]) == (1, "KEY-010")
    assert "not set up yet" in ended.err
    assert "encrypted" not in ended.err
