"""The table of hazards names a proof for each, and each proof is a test that is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = [
    line.split("|")[1:-1]
    for line in (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8").splitlines()
    if re.match(r"\| H\d+ ", line)
]


def names_of_tests() -> set[str]:
    """Return the name of every test function of this project."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    return {name for name in found if name.startswith("test_")}


def test_hazards_are_numbered_without_a_gap():
    assert [row[0].strip() for row in ROWS] == [f"H{n}" for n in range(1, len(ROWS) + 1)]
    assert len(ROWS) >= 20


def test_every_cell_of_the_table_says_something():
    assert all(len(row) == 5 and all(cell.strip() for cell in row) for row in ROWS)


def test_every_hazard_has_a_proof_that_is_a_test_of_this_project():
    there = names_of_tests()
    for row in ROWS:
        proofs = re.findall(r"`(\w+)`", row[4])
        assert proofs, row[0]
        assert set(proofs) <= there, row[0]


@pytest.mark.parametrize("number", [3, 9, 21])
def test_the_hazards_that_people_fear_most_have_more_than_one_proof(number):
    assert len(re.findall(r"`(\w+)`", ROWS[number - 1][4])) >= 2
