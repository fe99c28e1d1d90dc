"""What every source file promises; the number of files seen is part of the claim."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("edge_app", "hardware", "models/training")
SOURCES = {
    p.relative_to(ROOT).as_posix(): p for r in ROOMS for p in sorted((ROOT / r).rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in SOURCES.items()}
DRAWERS = {"utils", "util", "helpers", "helper", "common", "misc", "core", "base", "manager",
           "managers", "service", "services", "tools", "stuff"}  # fmt: skip
ENGINE_FREE = ("edge_app/domain", "edge_app/workflow", "edge_app/isolation", "edge_app/exchange",
               "edge_app/inference", "edge_app/storage", "hardware")  # fmt: skip


def nodes(kind):
    return [
        (n, node) for n, tree in TREES.items() for node in ast.walk(tree) if isinstance(node, kind)
    ]


def imports():
    """Return (file, module or module.name) of every import."""
    plain = [(n, alias.name) for n, node in nodes(ast.Import) for alias in node.names]
    froms = [
        (n, f"{node.module}.{alias.name}")
        for n, node in nodes(ast.ImportFrom)
        for alias in node.names
    ]
    return plain + froms


def test_the_rooms_are_really_looked_at():
    assert len(SOURCES) > 100
    assert all(any(n.startswith(room) for n in SOURCES) for room in ROOMS)
    assert len(imports()) > 500


def test_sources_are_ascii():
    assert [n for n, path in SOURCES.items() if not path.read_bytes().isascii()] == []


def test_no_module_or_folder_is_a_drawer():
    words = {n: {*Path(n).with_suffix("").parts} for n in SOURCES}

    assert {n: w & DRAWERS for n, w in words.items() if w & DRAWERS} == {}


def test_no_file_is_longer_than_four_hundred_lines():
    long = {n: len(p.read_text(encoding="utf-8").splitlines()) for n, p in SOURCES.items()}

    assert {n: lines for n, lines in long.items() if lines > 400} == {}


def test_nothing_prints():
    calls = [(n, c) for n, c in nodes(ast.Call) if isinstance(c.func, ast.Name)]

    assert [(n, c.lineno) for n, c in calls if c.func.id == "print"] == []


@pytest.mark.parametrize(
    "banned",
    ["pickle", "dill", "shelve", "multiprocessing", "PyQt6.QtCore.QThread",
     "PyQt6.QtWidgets.QFileDialog", "PyQt6.QtWidgets.QMessageBox", "requests", "urllib.request"],
)  # fmt: skip
def test_what_is_banned_is_not_imported(banned):
    assert [n for n, name in imports() if name == banned or name.startswith(f"{banned}.")] == []


def test_no_banned_class_is_reached_through_its_module():
    names = {"QThread", "QFileDialog", "QMessageBox"}

    assert [(n, a.lineno) for n, a in nodes(ast.Attribute) if a.attr in names] == []


def test_nothing_is_imported_inside_a_function():
    inside = [
        (n, node.lineno)
        for n, function in nodes((ast.FunctionDef, ast.AsyncFunctionDef))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    ]

    assert inside == []


def test_rooms_without_a_window_do_not_know_its_library():
    knowing = [n for n, name in imports() if name.startswith("PyQt6") and n.startswith(ENGINE_FREE)]

    assert knowing == []


def test_the_domain_knows_no_other_room():
    ours = [
        (n, name) for n, name in imports()
        if n.startswith("edge_app/domain") and name.startswith(("edge_app", "hardware"))
    ]  # fmt: skip

    assert len(ours) > 5
    assert [x for x in ours if not x[1].startswith("edge_app.domain")] == []


def test_no_source_marks_work_that_is_left():
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")

    assert [n for n, p in SOURCES.items() if marks.search(p.read_text(encoding="utf-8"))] == []


def test_no_test_patches_what_it_tests():
    banned = re.compile("unittest" + r"\.mock|mock\." + "patch|mocker" + r"\b")
    tests = [p for p in (ROOT / "tests").rglob("*.py") if p.name != "test_architecture.py"]

    assert len(tests) > 20
    assert [p.name for p in tests if banned.search(p.read_text(encoding="utf-8"))] == []
