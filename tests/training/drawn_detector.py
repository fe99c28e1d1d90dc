"""A tiny drawn data folder and the recipe of a detector for it."""

import json

import cv2
import numpy as np

RECIPE = """
name = "bright-disc"
version = "0.1.0"
data = "discs"
labels = ["disc"]
input_px = 96
validation_share = 0.25

[network]
widths = [8, 8, 16, 16, 16]
neck = 16

[train]
canvas_px = 64
epochs = 1
batch = 4

[augment]
look = "scene"
tone = 0.2

[package]
title = "Bright discs"
licence = "GPL-3.0-or-later"
intended_use = "Trying out the how-to."
must_not = "No use."
body_part = "None"
modality = "OT"
training_data = "Drawn by the tests"
default_point = "balanced"
nms_iou = 0.5
golden = "film"

[package.card]
labels = "Drawn, so exact."
unknown = "Everything."

[package.quality]
min_brightness = 0.0
max_clipped = 1.0
min_covered = 0.0
min_sharpness = 0.0

[package.labels.disc]
code = ["99EDGE", "disc", "Bright disc"]
"""


def draw_data(folder, pictures=16, size=(120, 90)):
    """Write `folder`/images and coco.json: one bright disc a picture, two pictures a group."""
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(5)
    images, boxes = [], []
    for number in range(pictures):
        pixels = rng.integers(20, 60, (size[1], size[0], 3), dtype=np.uint8)
        r = int(rng.integers(8, 20))
        x, y = (int(rng.integers(r, side - r)) for side in size)
        cv2.circle(pixels, (x, y), r, (230, 220, 210), -1)
        name = f"{number:04}.png"
        cv2.imwrite(str(folder / "images" / name), pixels)
        images.append(
            {
                "id": number,
                "file_name": name,
                "width": size[0],
                "height": size[1],
                "group": f"g{number // 2}",
                "source": "drawn",
            }
        )
        boxes.append({"image_id": number, "category_id": 1, "bbox": [x - r, y - r, 2 * r, 2 * r]})
    coco = {
        "categories": [{"id": 1, "name": "disc"}],
        "images": images,
        "annotations": boxes,
    }
    (folder / "coco.json").write_text(json.dumps(coco))
    return folder
