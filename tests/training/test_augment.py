"""What training pictures promise: the same for a seed, boxes where the things are, no map."""

from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest

from models.training import scene_look
from models.training.augment import Augmenter
from models.training.recipe import AugmentSpec, Look, Turns
from models.training.samples import Sample, read_coco
from tests.training.drawn_detector import draw_data

STILL = AugmentSpec(look=Look.SCENE, mosaic=0.0, tint=0.0, scale=(0.8, 1.4))
LOUD = msgspec.structs.replace(
    STILL,
    mosaic=0.4,
    tint=0.1,
    tone=0.3,
    hue_deg=6.0,
    shading=0.5,
    glare=0.5,
    writing=0.5,
    inverted=0.2,
    equalized=0.5,
    speckle=0.5,
    rotate_deg=20.0,
    aim=0.5,
)


def _endoscope_frame(*, with_map=True):
    frame = np.full((480, 560, 3), (190, 110, 90), np.uint8)
    if with_map:
        frame[330:470, 10:150] = (40, 200, 60)
    return frame


def test_the_green_position_map_is_overwritten_and_nothing_else_changes():
    frame = _endoscope_frame()

    changed = scene_look.overwritten(frame)

    assert not changed[330:470, 10:150].any()
    assert (changed[:320] == frame[:320]).all()
    assert (changed[:, 160:] == frame[:, 160:]).all()


def test_a_frame_without_a_map_stays_as_it_is():
    frame = _endoscope_frame(with_map=False)

    assert scene_look.overwritten(frame) is frame


def test_no_training_picture_of_polyps_shows_the_map_of_its_frame(tmp_path):
    path = tmp_path / "frame.png"
    cv2.imwrite(str(path), cv2.cvtColor(_endoscope_frame(), cv2.COLOR_RGB2BGR))
    box = np.array([[200, 100, 300, 200]], np.float32)
    sample = Sample(path, "g", "drawn", box, np.zeros(1, np.int64))
    spec = msgspec.structs.replace(STILL, overwrite_map=True)

    made = Augmenter([sample], 256, spec, 7)
    pictures = [made.picture(epoch, 0).pixels.astype(int) for epoch in range(12)]

    green = [((p[..., 1] > p[..., 0] + 60) & (p[..., 1] > 120)).sum() for p in pictures]
    assert max(green) == 0


@pytest.mark.parametrize("spec", [STILL, LOUD], ids=["still", "loud"])
def test_the_same_seed_epoch_and_index_give_the_same_picture(tmp_path, spec):
    samples = read_coco(draw_data(tmp_path / "discs"), ["disc"])

    first, second = (Augmenter(samples, 96, spec, 7) for _ in range(2))

    for epoch in range(3):
        a, b = first.picture(epoch, 4), second.picture(epoch, 4)
        assert (a.pixels == b.pixels).all()
        assert (a.boxes == b.boxes).all()
    assert (first.picture(0, 4).pixels != first.picture(1, 4).pixels).any()


@pytest.mark.parametrize("rotate_deg", [0.0, 25.0])
@pytest.mark.parametrize("turns", Turns)
def test_boxes_lie_where_the_things_are_however_the_picture_is_turned(tmp_path, rotate_deg, turns):
    samples = read_coco(draw_data(tmp_path / "discs", pictures=8), ["disc"])
    spec = msgspec.structs.replace(STILL, turns=turns, rotate_deg=rotate_deg)
    made = Augmenter(samples, 128, spec, 7)
    off = []

    for epoch in range(6):
        for index in range(len(samples)):
            picture = made.picture(epoch, index)
            rows, columns = np.nonzero(cv2.medianBlur(picture.pixels[..., 0], 5) > 170)
            if len(picture.boxes) != 1 or len(rows) == 0:
                continue
            seen = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
            off.append(np.abs(seen - picture.boxes[0]).max())

    assert len(off) > 20
    assert np.median(off) < 3


def test_aimed_pictures_hold_one_of_their_boxes_more_often(tmp_path):
    samples = read_coco(draw_data(tmp_path / "discs"), ["disc"])
    far = msgspec.structs.replace(STILL, scale=(3.0, 3.0))

    def hits(aim):
        made = Augmenter(samples, 64, msgspec.structs.replace(far, aim=aim), 7)
        return sum(len(made.picture(e, i).boxes) > 0 for e in range(6) for i in range(16))

    assert hits(1.0) > 85
    assert hits(1.0) > hits(0.0) + 20


def test_writing_and_glare_are_drawn_over_some_pictures(tmp_path):
    path = tmp_path / "even.png"
    cv2.imwrite(str(path), np.full((200, 200, 3), 90, np.uint8))
    sample = Sample(Path(path), "g", "drawn", np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    spec = msgspec.structs.replace(STILL, writing=1.0, glare=1.0, scale=(1.5, 1.5))

    pictures = [Augmenter([sample], 128, spec, 7).picture(e, 0).pixels for e in range(6)]

    assert sum(int(p.max()) > 200 and int(p.min()) < 60 for p in pictures) >= 4
