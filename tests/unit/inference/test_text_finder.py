"""The text finder is the one that was shipped, sees what it must, and is believed only then."""

import shutil
from dataclasses import replace

import cv2
import msgspec
import numpy as np
import pytest

from edge_app.compose.text_finding import text_finder
from edge_app.domain.confidentiality import TextNotSearchedError
from edge_app.domain.error import DetectorRefusedError
from edge_app.inference import remote_text_finder
from edge_app.inference import text_finder as finding
from edge_app.inference.messages import Refusal
from edge_app.inference.text_messages import TextReply
from edge_app.isolation.channel import Message
from edge_app.isolation.supervisor import NonsenseError
from edge_app.settings import settings_from
from tests.fakes import an_image, some_pixels

FOLDER = settings_from(None).text_finder_dir


@pytest.fixture(scope="module")
def finder():
    return finding.load_text_finder(FOLDER)


def with_words(place: tuple[int, int], size: float = 0.6, side: tuple[int, int] = (480, 640)):
    """Return a grey picture with a name, and where its ink is."""
    pixels = np.full((*side, 3), 90, np.uint8)
    before = pixels.copy()
    cv2.putText(pixels, "Okonjo 12:45", place, 0, size, (255, 255, 255), 1, cv2.LINE_AA)
    return pixels, (pixels != before).any(axis=2)


def share_covered(boxes, ink) -> float:
    black = np.zeros(ink.shape, bool)
    for box in boxes:
        black[int(box.y0) : int(np.ceil(box.y1)), int(box.x0) : int(np.ceil(box.x1))] = True
    return float(black[ink].mean())


@pytest.mark.parametrize(
    "place", [(0, 14), (300, 240), (480, 474), (0, 474)], ids=["corner", "middle", "foot", "left"]
)
def test_words_are_covered_wherever_they_stand(finder, place):
    pixels, ink = with_words(place)

    assert share_covered(finder.boxes(pixels), ink) > 0.98


@pytest.mark.parametrize("place", [(430, 500), (20, 1090), (1050, 1090), (1050, 30)])
def test_words_at_the_seam_of_two_tiles_and_in_the_last_ones_are_covered(finder, place):
    pixels, ink = with_words(place, side=(1100, 1200))

    assert share_covered(finder.boxes(pixels), ink) > 0.98


def test_letters_as_high_as_a_hand_are_covered(finder):
    pixels, ink = with_words((20, 400), size=4.0, side=(600, 1400))

    assert share_covered(finder.boxes(pixels), ink) > 0.95


def test_an_even_picture_of_any_size_holds_no_text(finder):
    for side in ((1, 1), (7, 900), (512, 512), (513, 511)):
        assert finder.boxes(np.full((*side, 3), 128, np.uint8)) == ()


def test_boxes_lie_within_the_picture(finder):
    pixels, _ = with_words((470, 478))

    for box in finder.boxes(pixels):
        assert 0 <= box.x0 < box.x1 <= 640
        assert 0 <= box.y0 < box.y1 <= 480


@pytest.mark.parametrize("what", ["another model", "no model", "sees nothing", "sees everything"])
def test_another_finder_than_the_shipped_one_is_refused(tmp_path, what):
    folder = tmp_path / "finder"
    shutil.copytree(FOLDER, folder)
    model, said = folder / finding.MODEL, folder / finding.MANIFEST
    if what == "another model":
        model.write_bytes(model.read_bytes() + b"\0")
    if what == "no model":
        model.unlink()
    if what in {"sees nothing", "sees everything"}:
        chance = {"sees nothing": 2.0, "sees everything": 0.0}[what]
        given = msgspec.toml.decode(said.read_bytes())
        lines = [f'{k} = "{v}"' for k, v in given.items() if k != "chances"]
        said.write_text("\n".join([*lines, f"chances = {[chance] * 3}"]))

    with pytest.raises(DetectorRefusedError):
        finding.load_text_finder(folder)


def test_a_process_of_its_own_answers_as_the_finder_does(finder):
    pixels, _ = with_words((300, 240))

    with text_finder(settings_from(None)) as remote:
        assert remote.text_in(an_image(pixels)) == finder.boxes(pixels)
        assert remote.text_in(an_image(some_pixels())) == finder.boxes(some_pixels())


def test_a_finder_that_cannot_be_loaded_is_a_search_that_failed(tmp_path):
    elsewhere = replace(settings_from(None), text_finder_dir=tmp_path)

    with text_finder(elsewhere) as remote, pytest.raises(TextNotSearchedError, match="missing"):
        remote.text_in(an_image())


@pytest.mark.parametrize(
    "reply",
    [
        TextReply("another hash", ()),
        TextReply("own", ((-1.0, 0.0, 5.0, 5.0),)),
        TextReply("own", ((0.0, 0.0, 65.0, 5.0),)),
        TextReply("own", ((5.0, 0.0, 5.0, 5.0),)),
        TextReply("own", ((float("nan"), 0.0, 5.0, 5.0),)),
        {"nonsense": 1},
    ],
)
def test_an_answer_that_cannot_be_is_none(reply):
    image = an_image()
    if isinstance(reply, TextReply) and reply.image_hash == "own":
        reply = TextReply(image.hash, reply.boxes)
    answer = Message(msgspec.msgpack.encode(reply))

    with pytest.raises(NonsenseError):
        remote_text_finder._understood(answer, image)


def test_a_refusal_is_handed_on():
    said = Refusal("EXP-004", "It could not look.", "Try again.")

    assert remote_text_finder._understood(Message(msgspec.msgpack.encode(said)), an_image()) == said
