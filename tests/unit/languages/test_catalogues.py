"""Every language says all that the program says; a fault in a catalogue is found."""

from dataclasses import replace
from functools import cache

import pytest

from edge_app.languages.__main__ import ROOT, renew
from edge_app.languages.catalogue import ENGLISH, TEXTS, catalogue, codes
from edge_app.languages.faults import faults
from edge_app.languages.plurals import form_of, n_forms, rule_of
from edge_app.languages.po import Entry, read, written
from edge_app.languages.sources import sources

FOREIGN = ("ar", "es", "fr", "hi", "pt", "sw")
NOT_REVIEWED = "translated by machine, not reviewed by a native clinician"


@cache
def said_now():
    return sources(ROOT)


def entries_of(code):
    return read((TEXTS / f"{code}.po").read_text(encoding="utf-8"))[1]


def test_there_are_seven_languages():
    assert codes() == (ENGLISH, *FOREIGN)
    assert len(said_now()) > 900


@pytest.mark.parametrize("code", FOREIGN)
def test_a_language_says_all_that_the_program_says_and_nothing_else(code):
    assert faults(code, said_now(), entries_of(code)) == []


@pytest.mark.parametrize("code", FOREIGN)
def test_a_catalogue_says_that_no_clinician_has_reviewed_it(code):
    header, _ = read((TEXTS / f"{code}.po").read_text(encoding="utf-8"))

    assert f"X-Review: {NOT_REVIEWED}" in header
    assert f"Plural-Forms: {rule_of(code)}" in header
    assert catalogue(code).own_name.strip()
    assert catalogue(code).note == NOT_REVIEWED


def test_gathering_the_texts_leaves_the_committed_catalogues_as_they_are(tmp_path):
    for path in TEXTS.glob("*.po"):
        (tmp_path / path.name).write_bytes(path.read_bytes())

    assert renew(ROOT, tmp_path) == dict.fromkeys(FOREIGN, 0)
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*.po")} == {
        p.name: p.read_bytes() for p in TEXTS.glob("*.po")
    }


GOOD = Entry("Wait {0} s, then run `edge-app doctor`.", "", ("{0} s, puis `edge-app doctor`.",))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "it is not translated"),
        ("s, puis `edge-app doctor`.", "its holes"),
        ("{0} {0} s, puis `edge-app doctor`.", "its holes"),
        ("{1} s, puis `edge-app doctor`.", "its holes"),
        (" {0} s, puis `edge-app doctor`.", "its blanks"),
        ("{0} s, puis\n`edge-app doctor`.", "its blanks"),
        ("{0} s, puis `edge-app doctor`", "its last mark"),
        ("{0} s, puis `edge-app docteur`.", "a command"),
        ("{0} s, &puis `edge-app doctor`.", "it has another accelerator"),
    ],
)
def test_a_planted_fault_in_a_translation_is_found(said, why):
    assert faults("fr", [GOOD], [GOOD]) == []
    found = faults("fr", [GOOD], [replace(GOOD, said=(said,))])

    assert [line for line in found if line.startswith(why)]


def test_a_text_that_is_missing_stale_twice_or_in_another_script_is_found():
    other = Entry("Back", "", ("Retour",))

    assert faults("fr", [GOOD, other], [GOOD]) == ["not in the catalogue: Back"]
    assert faults("fr", [GOOD], [GOOD, other]) == ["not in the source any more: Back"]
    assert faults("fr", [GOOD], [GOOD, GOOD]) == [f"twice: {GOOD.source}"]
    assert faults("ar", [other], [other]) == ["it has no letter of its script: Back"]
    two = Entry("{0} digit", "{0} digits", ("{0} \u0631\u0642\u0645",) * 2)
    assert "it has not as many forms" in faults("ar", [two], [two])[0]


@pytest.mark.parametrize("code", FOREIGN)
def test_not_analysed_cannot_say_and_nothing_found_are_three_things_in_every_language(code):
    say = catalogue(code)
    three = {
        say.tr("Not analysed. {0}"),
        say.tr("The detector cannot say. {0}"),
        say.tr("Nothing found that this detector looks for: {0}."),
        say.tr("The image as a whole: no sign found. That is not the same as healthy."),
    }

    assert len(three) == 4
    assert say.tr("Research and training use only. Not for diagnosis.") != (
        "Research and training use only. Not for diagnosis."
    )


# Unicode CLDR 45, plurals.xml, its own samples for whole numbers.
ARABIC = {
    0: 0, 1: 1, 2: 2, 3: 3, 10: 3, 11: 4, 26: 4, 99: 4, 100: 5, 102: 5, 103: 3, 110: 3, 111: 4,
    200: 5, 202: 5, 203: 3, 211: 4, 1000: 5,
}  # fmt: skip


def test_arabic_takes_its_six_forms_as_unicode_says():
    assert n_forms("ar") == 6
    assert {n: form_of("ar", n) for n in ARABIC} == ARABIC


@pytest.mark.parametrize(("code", "for_none"), [("fr", 0), ("hi", 0), ("es", 1), ("sw", 1)])
def test_two_forms_are_taken_as_unicode_says(code, for_none):
    assert [form_of(code, n) for n in (0, 1, 2, 5)] == [for_none, 0, 1, 1]


@pytest.mark.parametrize("code", FOREIGN)
def test_the_rule_in_the_header_is_the_rule_that_is_used(code):
    rule = rule_of(code).partition("plural=")[2].rstrip(";").replace("&&", "and")

    def by_header(n):
        chain = [part.strip() for part in rule.replace("?", ":").split(":")]
        while len(chain) > 1:
            condition, value, *rest = chain
            if eval(condition, {"n": n}):  # noqa: S307  our own rule
                return eval(value, {"n": n})  # noqa: S307
            chain = rest
        return int(eval(chain[0], {"n": n}))  # noqa: S307

    assert [by_header(n) for n in range(250)] == [form_of(code, n) for n in range(250)]


def test_what_is_written_is_read_back():
    entries = [
        Entry('A "word"\\ and\na line', "", ("Un\u00a0mot",), ("a.py", "b.py")),
        Entry("{0} digit", "{0} digits", ("a", "b"), ("c.py",)),
    ]

    assert read(written("Language: fr\nX: y", entries)) == ("Language: fr\nX: y\n", entries)
