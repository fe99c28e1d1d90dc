"""`python sahi_peer.py REQUEST.json IMAGE`: the same model through SAHI's own sliced prediction.

Runs in the peers' environment and knows nothing of edge_app; prints one JSON line.
"""

import json
import resource
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from PIL import Image
from sahi.models.base import DetectionModel
from sahi.predict import get_sliced_prediction
from sahi.prediction import ObjectPrediction

REQUEST = json.loads(Path(sys.argv[1]).read_text())


class OurModel(DetectionModel):
    """Our ONNX file as SAHI's detection model: same scaling, thresholds and suppression."""

    def load_model(self):
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        for name, value in REQUEST["session"].items():
            options.add_session_config_entry(name, value)
        if REQUEST["threads"]:
            options.intra_op_num_threads = REQUEST["threads"]
        self.model = onnxruntime.InferenceSession(
            REQUEST["model"], options, providers=["CPUExecutionProvider"]
        )
        self.feed = self.model.get_inputs()[0].name
        self.floors = np.array(REQUEST["floors"], np.float32)
        self.category_mapping = {str(n): x for n, x in enumerate(REQUEST["labels"])}

    def perform_inference(self, image):
        side = REQUEST["input"]
        self.scale = side / max(image.shape[:2])
        size = tuple(round(x * self.scale) for x in image.shape[1::-1])
        tensor = np.full((1, side, side, 3), 114, np.uint8)
        tensor[0, : size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        boxes, scores = self.model.run(None, {self.feed: tensor})
        boxes, scores = boxes.reshape(-1, 4), scores.reshape(-1, len(self.floors))
        cells, labels = np.nonzero(scores >= self.floors)
        found = scores[cells, labels]
        sides = np.clip(boxes[cells], 0, [*size, *size])
        xywh = np.concatenate([sides[:, :2], sides[:, 2:] - sides[:, :2]], axis=1)
        kept = cv2.dnn.NMSBoxesBatched(
            xywh, found, labels.astype(np.int32), 0.0, REQUEST["nms_iou"]
        )
        keep = np.asarray(kept, np.int64).ravel()
        self._original_predictions = (sides[keep] / self.scale, labels[keep], found[keep])

    def _create_object_prediction_list_from_original_predictions(
        self, shift_amount_list=None, full_shape_list=None
    ):
        rows = zip(*(x.tolist() for x in self._original_predictions), strict=True)
        self._object_prediction_list_per_image = [
            [
                ObjectPrediction(
                    bbox=box,
                    category_id=label,
                    category_name=self.category_mapping[str(label)],
                    score=score,
                    shift_amount=shift_amount_list[0],
                    full_shape=full_shape_list[0],
                )
                for box, label, score in rows
            ]
        ]


def main():
    Image.MAX_IMAGE_PIXELS = None
    began = time.perf_counter()
    model = OurModel(model_path=REQUEST["model"], confidence_threshold=min(REQUEST["floors"]))
    result = get_sliced_prediction(
        sys.argv[2], model,
        slice_height=REQUEST["side"], slice_width=REQUEST["side"],
        overlap_height_ratio=REQUEST["overlap"], overlap_width_ratio=REQUEST["overlap"],
        perform_standard_pred=False, verbose=0, postprocess_type=REQUEST["postprocess"],
    )  # fmt: skip
    found = [
        (p.category.id, p.score.value, *p.bbox.to_voc_bbox()) for p in result.object_prediction_list
    ]
    spent = {k: round(v, 2) for k, v in result.durations_in_seconds.items()}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said = {"s": time.perf_counter() - began, "peak_mb": peak, "parts_s": spent, "found": found}
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
