"""`python peers_side.py REQUEST.json`: other people's ways through the same network, on demand.

Runs in the peers' environment and knows nothing of edge_app. Says {"ways": {name: what it runs}};
then answers each line {"way": name, "picture": number} with its milliseconds and boxes found.
"""

import json
import os
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import openvino
import supervision
from sahi.predict import get_sliced_prediction
from sahi_peer import REQUEST, OurModel
from ultralytics import YOLO
from yolo_layout import write_in_yolo_layout

try:
    import torchvision

    SUPPRESSION = f"torchvision {torchvision.__version__}'s NMS"
except (
    ImportError,
    OSError,
    RuntimeError,
):  # a build for another PyTorch than the one that is here
    SUPPRESSION = "its own NMS"

FOLDER = Path(sys.argv[1]).parent


def session_of(path):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def bare(path, tensors):
    session = session_of(path)
    name = session.get_inputs()[0].name
    return lambda k: session.run(None, {name: tensors[k]}) and None


def opencv(path, tensors):
    net = cv2.dnn.readNetFromONNX(str(path))
    names = net.getUnconnectedOutLayersNames()

    def run(k):
        net.setInput(tensors[k])
        net.forward(names)

    run(0)
    return run


def intel(path, tensors):
    compiled = openvino.Core().compile_model(str(path), "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    asked = compiled.create_infer_request()

    def run(k):
        asked.infer([tensors[k]])

    run(0)
    return run


def ultralytics(path, pictures):
    model = YOLO(str(path), task="detect")
    if SUPPRESSION == "its own NMS":  # its warm-up would import torchvision, and does nothing else
        model.add_callback("on_predict_start", lambda p: setattr(p, "done_warmup", True))
    bgr = [np.ascontiguousarray(p[:, :, ::-1]) for p in pictures]
    settings = {"imgsz": REQUEST["input"], "conf": min(REQUEST["floors"]),
                "iou": REQUEST["nms_iou"], "device": "cpu", "verbose": False}  # fmt: skip
    return lambda k: len(model.predict(bgr[k], **settings)[0])


def sahi(model, slide):
    side, overlap = REQUEST["side"], REQUEST["overlap"]

    def run(_):
        result = get_sliced_prediction(
            slide, model, slice_height=side, slice_width=side, overlap_height_ratio=overlap,
            overlap_width_ratio=overlap, perform_standard_pred=False, verbose=0,
        )  # fmt: skip
        return len(result.object_prediction_list)

    return run


def slicer(model, slide, threads):
    def seen(tile):
        model.perform_inference(tile)
        boxes, labels, scores = model._original_predictions
        return supervision.Detections(
            xyxy=boxes.astype(np.float32).reshape(-1, 4), confidence=scores, class_id=labels
        )

    shared = round(REQUEST["side"] * REQUEST["overlap"])
    made = supervision.InferenceSlicer(
        seen, REQUEST["side"], shared, iou_threshold=REQUEST["nms_iou"], thread_workers=threads
    )
    return lambda _: len(made(slide))


def ways():
    """Yield each way's name, what it runs, the name of its bare run, and the way."""
    given = np.load(FOLDER / "pictures.npz")
    pictures, tensors, slide = given["pictures"], given["tensors"], given["slide"]
    yolo = FOLDER / f"{Path(REQUEST['model']).stem}.yolo.onnx"
    write_in_yolo_layout(REQUEST["model"], yolo, REQUEST["labels"])
    planes = [np.ascontiguousarray(t.transpose(0, 3, 1, 2)) / np.float32(255) for t in tensors]
    ours, theirs = "session.run, runtime's defaults", "session.run of the YOLO-layout file"
    yield ours, "shipped file, run only", ours, lambda: bare(REQUEST["model"], tensors)
    yield "cv2.dnn", "shipped file, run only", ours, lambda: opencv(REQUEST["model"], tensors)
    yield "OpenVINO", "shipped file, run only", ours, lambda: intel(REQUEST["model"], tensors)
    yield theirs, "YOLO-layout file, run only", theirs, lambda: bare(yolo, planes)
    yield ("Ultralytics predictor", f"YOLO-layout file, picture to boxes, {SUPPRESSION}", theirs,
           lambda: ultralytics(yolo, pictures))  # fmt: skip
    model = OurModel(model_path=REQUEST["model"], confidence_threshold=min(REQUEST["floors"]))
    yield "SAHI", "shipped file, slide to boxes", "slide", lambda: sahi(model, slide)
    yield ("supervision InferenceSlicer", "shipped file, slide to boxes", "slide",
           lambda: slicer(model, slide, 1))  # fmt: skip


def main():
    said_to = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the libraries print is no answer

    def say(answer):
        said_to.write(json.dumps(answer) + "\n")
        said_to.flush()

    made, said, refused = {}, {}, {}
    for name, runs, base, make in ways():
        try:
            made[name] = make()
        except (cv2.error, RuntimeError) as error:
            refused[name] = str(error).strip().splitlines()[-1][:200]
            continue
        said[name] = {"runs": runs, "bare": base}
    say({"ways": said, "refused": refused})
    for line in sys.stdin:
        asked = json.loads(line)
        began = time.perf_counter()
        found = made[asked["way"]](asked["picture"])
        say({"ms": (time.perf_counter() - began) * 1e3, "found": found})


if __name__ == "__main__":
    main()
