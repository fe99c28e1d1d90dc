"""What other rooms say is recognised by its template and said in the language of the window."""

import pytest

from edge_app.languages.catalogue import ENGLISH, catalogue, catalogue_of
from edge_app.languages.po import Entry, written


def a_catalogue(code="fr", **said):
    texts = {
        "The picture is {0}.": "L'image est {0}.",
        "The picture is turned.": "Tournee.",
        "{0} may not {1}.": "{1} : interdit a {0}.",
        "back up": "sauvegarder",
        "an old one": "ancienne",
        "Try again.": "Reessayez.",
        "{0}: {1}": "never, too few letters",
        **said,
    }
    entries = [Entry(source, "", (text,)) for source, text in texts.items()]
    return catalogue_of(code, written("X-Own-Name: x", entries))


@pytest.mark.parametrize(
    ("spoken", "said"),
    [
        ("The picture is turned.", "Tournee."),
        ("The picture is an old one.", "L'image est ancienne."),
        ("The picture is strange.", "L'image est strange."),
        ("Amina may not back up.", "sauvegarder : interdit a Amina."),
        ("The picture is an old one. Try again.", "L'image est ancienne. Reessayez."),
        ("DEV-001: The picture is turned. Try again.", "DEV-001: Tournee. Reessayez."),
        ("The picture is turned. Nobody knows this.", "Tournee. Nobody knows this."),
    ],
)
def test_a_sentence_is_said_with_what_it_was_filled_with(spoken, said):
    assert a_catalogue().sentence(spoken) == said


@pytest.mark.parametrize("spoken", ["Nobody knows this.", "one: two", "DEV-001: nobody"])
def test_a_sentence_that_is_not_known_is_not_made_up(spoken):
    assert a_catalogue().sentence(spoken) is None
    assert a_catalogue().known(spoken) == spoken


def test_what_fills_an_arabic_sentence_in_other_letters_is_isolated():
    said = a_catalogue("ar").sentence("Amina may not back up.")

    assert said == "sauvegarder : interdit a \u2068Amina\u2069."


def test_of_two_templates_the_one_with_more_letters_of_its_own_is_taken():
    said = a_catalogue(**{"The picture is {0} and {1}.": "{0} et {1}."})

    assert said.sentence("The picture is old and turned.") == "old et turned."


def test_english_says_what_was_said():
    english = catalogue(ENGLISH)

    assert english.sentence("Anything.") == "Anything."
    assert english.counted("{0} digit", "{0} digits", 1) == "{0} digit"
    assert english.counted("{0} digit", "{0} digits", 0) == "{0} digits"


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, 0), (1, 1), (2, 2), (3, 3), (11, 4), (100, 5)],
)
def test_arabic_counts_with_its_own_forms(n, form):
    arabic = catalogue("ar")

    said = arabic.counted("{0} digit", "{0} digits", n)

    assert said == arabic.entries["{0} digit"].said[form]
    assert len(set(arabic.entries["{0} digit"].said)) == 6


def test_a_language_that_is_not_there_is_refused():
    with pytest.raises(KeyError):
        catalogue("xx")
