"""What the sources of the window promise."""

import ast
from pathlib import Path

import edge_app.ui

_ROOM = sorted(Path(edge_app.ui.__file__).parent.glob("*.py"))
_ELSEWHERE = ("onnxruntime", "cv2", "sqlite3", "pydicom", "hardware")
_OWN = (
    "edge_app.domain",
    "edge_app.ports",
    "edge_app.workflow",
    "edge_app.ui",
    "edge_app.languages",
)


def _imported(path: Path) -> list[str]:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    froms = [n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)]
    return froms + [a.name for n in nodes if isinstance(n, ast.Import) for a in n.names]


def test_the_window_reaches_only_domain_ports_and_workflow() -> None:
    names = [name for path in _ROOM for name in _imported(path)]

    assert len(names) > 100
    assert [n for n in names if n.split(".")[0] in _ELSEWHERE] == []
    assert [n for n in names if n.startswith("edge_app") and not n.startswith(_OWN)] == []


def test_nothing_in_the_window_ever_says_normal() -> None:
    assert [p.name for p in _ROOM if "normal" in p.read_text(encoding="utf-8").lower()] == []


def test_sources_are_ascii_and_short() -> None:
    assert [p.name for p in _ROOM if not p.read_bytes().isascii()] == []
    assert [p.name for p in _ROOM if len(p.read_text(encoding="utf-8").splitlines()) > 400] == []
