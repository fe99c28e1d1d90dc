"""What becomes of text in pictures before they leave, and what one plan of leaving is."""

from dataclasses import replace

import numpy as np
import pytest

from edge_app.domain.confidentiality import (
    BurnedText,
    Confidentiality,
    LeavingPlan,
    Option,
    TextInPictureError,
    blacked_out,
)
from edge_app.domain.geometry import Box
from edge_app.domain.image import Deep
from edge_app.workflow import deidentify
from tests.fakes import an_image

FOUND = [(Box(1, 1, 5, 5),), ()]


@pytest.mark.parametrize(
    ("found", "is_left", "is_confirmed", "becomes"),
    [
        (FOUND, False, False, BurnedText.BLACKED_OUT),
        (FOUND, False, True, BurnedText.GONE),
        (FOUND, True, True, BurnedText.LEFT),
        ([(), ()], True, True, BurnedText.GONE),
        ([(), ()], True, False, BurnedText.BLACKED_OUT),
        ([(), ()], False, False, BurnedText.BLACKED_OUT),
    ],
)
def test_text_is_gone_only_where_a_person_looked(found, is_left, is_confirmed, becomes):
    assert deidentify.settled(found, is_left=is_left, is_confirmed=is_confirmed) is becomes


def test_text_that_was_found_stays_only_where_a_person_looked():
    with pytest.raises(TextInPictureError, match="picture 1"):
        deidentify.settled(FOUND, is_left=True, is_confirmed=False)


def test_each_pixel_that_a_place_touches_is_black_and_no_other():
    pixels = np.full((10, 12, 3), 200, np.uint8)

    made = blacked_out(pixels, [Box(2.5, 3.0, 4.2, 5.0), Box(-3, -3, 1, 1), Box(11, 9, 99, 99)])

    black = {(int(y), int(x)) for y, x in np.argwhere((made == 0).all(axis=2))}
    assert black == {(y, x) for y in (3, 4) for x in (2, 3, 4)} | {(0, 0), (9, 11)}
    assert (pixels == 200).all()


def test_a_film_whose_text_is_made_black_leaves_without_the_depth_that_still_shows_it():
    image = an_image()
    film = replace(image, deep=Deep(np.zeros((image.height, image.width), np.uint16)))
    made = deidentify.without_text([film, film], [(Box(0, 0, 9, 9),), ()])

    assert [m.deep is None for m in made] == [True, False]


def test_a_picture_with_black_places_has_a_hash_of_its_own():
    image = an_image()

    (made,) = deidentify.without_text([image], [(Box(0, 0, 9, 9),)])

    assert made.hash != image.hash
    assert deidentify.without_text([image], [()]) == [image]


def test_how_a_study_leaves_is_said_in_words_without_the_project():
    wishes = Confidentiality("trial of Okonjo", frozenset({Option.DATES, Option.PATIENT}))

    assert wishes.words == "keeping dates, patient; text: blacked_out"
    assert "Okonjo" not in repr(LeavingPlan(wishes, ()))


def test_a_plan_that_differs_in_anything_has_another_digest():
    box, other = Box(0, 0, 9, 9), Box(0, 0, 9, 8)
    plans = [
        LeavingPlan(Confidentiality("p"), ((box,), ())),
        LeavingPlan(Confidentiality("p"), ((), (box,))),
        LeavingPlan(Confidentiality("p"), ((other,), ())),
        LeavingPlan(Confidentiality("p"), ((), ())),
        LeavingPlan(Confidentiality("q"), ((box,), ())),
        LeavingPlan(Confidentiality("p", frozenset({Option.DATES})), ((box,), ())),
        LeavingPlan(Confidentiality("p", text=BurnedText.GONE), ((box,), ())),
    ]

    assert len({plan.digest for plan in plans}) == len(plans)
    assert plans[0].digest == LeavingPlan(Confidentiality("p"), ((Box(0, 0, 9, 9),), ())).digest
