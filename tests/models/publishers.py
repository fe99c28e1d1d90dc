"""Publishers' own runners on pictures, in a process of their own: prints boxes as JSON.

`python tests/models/publishers.py NAME FOLDER PICTURE...`, FOLDER holding the unpacked package. A
publisher's code is imported from its package as it is. Where it cuts boxes to whole pixels at the
end, the box before that is taken, since a cut of ten-pixel boxes is no disagreement.
"""

import importlib
import importlib.util
import json
import math
import sys
import types
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

BLAZE_SIDE = 256


def _module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ddddocr(folder):
    """YOLOX: DetectionEngine's own preparation, decoding and suppression."""
    sys.path.insert(0, str(folder))
    engine = importlib.import_module("ddddocr.core.detection_engine").DetectionEngine()

    def read(picture):
        image, ratio = engine.preproc(picture, (416, 416))
        output = engine.session.run(None, {"images": image[None]})
        table = engine.demo_postprocess(output[0], (416, 416))[0]
        half = table[:, 2:4] / 2
        boxes = np.concatenate([table[:, :2] - half, table[:, :2] + half], axis=1) / ratio
        found = engine.multiclass_nms(boxes, table[:, 4:5] * table[:, 5:], 0.45, 0.1)
        return [] if found is None else [[*f[:4], int(f[5]), f[4]] for f in found.tolist()]

    return read


def nudenet(folder):
    """YOLOv8: NudeDetector.detect; its boxes are whole pixels, left, top, width, height."""
    module = _module(folder / "nudenet" / "nudenet.py")
    names = list(vars(module)["__labels"])
    detector = module.NudeDetector(str(folder / "nudenet" / "320n.onnx"))

    def read(picture):
        found = []
        for one in detector.detect(picture):
            x, y, w, h = one["box"]
            found.append([x, y, x + w, y + h, names.index(one["class"]), float(one["score"])])
        return found

    return read


def rapid_layout(folder):
    """PicoDet: PPPreProcess and PPPostProcess."""
    place = folder / "rapid_layout" / "model_handler" / "pp"
    prepare = _module(place / "pre_process.py").PPPreProcess((800, 608))
    labels = list(range(10))
    decode = _module(place / "post_process.py").PPPostProcess(labels, 0.3, 0.5)
    model = folder / "rapid_layout" / "models" / "layout_cdla.onnx"
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])

    def read(picture):
        image = prepare(picture)
        outputs = session.run(None, {"image": image})
        boxes, scores, names = decode(picture.shape[:2], image, outputs)
        return [[*b, int(n), s] for b, s, n in zip(boxes, scores, names, strict=True)]

    return read


def captcha_recognizer(folder):
    """YOLO11 segmenting: Slider.predict; shapely, which predict does not use, is stood in for."""
    shapes = types.ModuleType("shapely.geometry")
    shapes.Polygon = object
    sys.modules.update({"shapely": types.ModuleType("shapely"), "shapely.geometry": shapes})
    slider = _module(folder / "captcha_recognizer" / "slider.py").Slider()

    def read(picture):
        found = slider.predict(picture, conf=0.05, iou=0.7)[0][0]
        return [[*map(float, f[:4]), int(f[5]), float(f[4])] for f in found]

    return read


def _aggregated(scores, boxes, cells, anchors):
    """Postprocess1Kernel.hlsl: centre, extent and score of each anchor above the threshold."""
    found = []
    for row in range(cells * cells * anchors):
        y, x = divmod(row // anchors, cells)
        score = 1 / (1 + math.exp(min(-scores[row][0], 700)))
        bx, by, bw, bh = (v / BLAZE_SIDE for v in boxes[row][:4])
        if score > 0.2:
            found.append(((x + 0.5) / cells + bx, (y + 0.5) / cells + by, bw, bh, score))
    return found


def _overlap(one, other):
    """CalculateIOU of Common.hlsl."""
    low = [max(one[i] - one[i + 2] / 2, other[i] - other[i + 2] / 2) for i in (0, 1)]
    high = [min(one[i] + one[i + 2] / 2, other[i] + other[i + 2] / 2) for i in (0, 1)]
    inner = max(0, high[0] - low[0]) * max(0, high[1] - low[1])
    return inner / (one[2] * one[3] + other[2] * other[3] - inner)


def _blended(found):
    """Postprocess2.compute: twins become their mean by score."""
    left = sorted(found, key=lambda f: -f[4])
    while left:
        group = [f for f in left if f is left[0] or _overlap(left[0], f) >= 0.3]
        total = sum(f[4] for f in group)
        yield [sum(f[i] * f[4] for f in group) / total for i in range(4)], group[0][4]
        left = [f for f in left if f not in group]


def blazeface(folder):
    """BlazeFace: the package's two shaders, in loops.

    The picture is stretched to the input as ImagePreprocess does; a shader appends in any order,
    so here the strongest comes first. The flip of y belongs to Unity's coordinates.
    """
    path = folder / "package" / "ONNX" / "face_detection_back_256x256_barracuda.onnx"
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def read(picture):
        height, width = picture.shape[:2]
        image = cv2.resize(picture[..., ::-1], (BLAZE_SIDE, BLAZE_SIDE)).astype(np.float32)
        outputs = session.run(None, {"input:0": image[None] / 127.5 - 1})
        near, far, near_boxes, far_boxes = (o[0].tolist() for o in outputs)
        found = _aggregated(near, near_boxes, 16, 2) + _aggregated(far, far_boxes, 8, 6)
        return [
            [(cx - w / 2) * width, (cy - h / 2) * height, (cx + w / 2) * width,
             (cy + h / 2) * height, 0, float(score)]
            for (cx, cy, w, h), score in _blended(found)
        ]  # fmt: skip

    return read


RUNNERS = {f.__name__: f for f in (ddddocr, nudenet, rapid_layout, captcha_recognizer, blazeface)}


if __name__ == "__main__":
    _, name, folder, *pictures = sys.argv
    reader = RUNNERS[name](Path(folder))
    json.dump([[list(map(float, b)) for b in reader(cv2.imread(p))] for p in pictures], sys.stdout)
