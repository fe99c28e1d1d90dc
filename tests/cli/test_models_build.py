"""`edge-app models build` as a technician runs it."""

from tests.unit.inference.build.small_graphs import GRAPHS, a_graph


def model_in(folder):
    path = folder / "foreign.onnx"
    path.write_bytes(a_graph(GRAPHS["rtdetr"]).SerializeToString())
    return path


def test_a_package_is_built_shown_and_read_with(program, smears, tmp_path):
    out = tmp_path / "packages" / "cells"
    told = ("--family", "rtdetr", "--labels", "cell,speck,thread", "--score", "0.3")

    built = program("models", "build", model_in(tmp_path), "--out", out, *told)
    packages = tmp_path / "packages"
    shown = program("models", "show", "cells", packages=packages)
    read = program(
        "analyze", smears / "sharp.png", "--detector", "cells", "--json", packages=packages
    )

    assert built.status == 0
    assert "Self-test: passed" in built.out
    assert "EXPERIMENTAL" in shown.out
    assert "not measured" in shown.out
    (reading,) = read.answer["readings"]
    assert reading["version"] == "0.1.0 (experimental)"
    assert reading["detections"]


def test_a_description_and_json_make_it_scriptable(program, tmp_path):
    said = tmp_path / "said.toml"
    said.write_text('family = "rtdetr"\nlabels = ["a", "b", "c"]\nscore = 0.3\n')
    common = ("--description", said, "--json", "--quiet")

    built = program("models", "build", model_in(tmp_path), "--out", tmp_path / "one", *common)

    assert built.status == 0
    assert built.answer["ok"]
    assert [row["name"] for row in built.answer["table"]] == ["as it came", "fp32"]
    assert built.answer["model"]["status"] == "experimental"


def test_what_is_missing_is_told_in_one_line(program, tmp_path):
    told = ("--family", "rtdetr", "--json")
    ended = program("models", "build", model_in(tmp_path), "--out", tmp_path / "one", *told)

    assert ended.status == 1
    assert "labels" in ended.answer["error"]["what"]
    assert not (tmp_path / "one").exists()


def test_without_the_library_the_remedy_is_told(program, tmp_path):
    (tmp_path / "home" / "onnx.py").write_text("raise ModuleNotFoundError(name='onnx')\n")

    ended = program("models", "build", model_in(tmp_path), "--out", tmp_path / "one")

    assert ended.status == 1
    assert "edge-app[build]" in ended.err
