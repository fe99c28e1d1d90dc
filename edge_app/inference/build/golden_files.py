"""Golden pictures and answers, written into a package that has none."""

import hashlib
from collections.abc import Mapping

import cv2
import msgspec

from edge_app.domain.image import Pixels
from edge_app.inference import golden
from edge_app.inference.decoders.table import rows_of
from edge_app.inference.package import GOLDEN, DetectorPackage
from edge_app.inference.preprocess import prepare
from edge_app.inference.session import open_session


def write_golden(package: DetectorPackage, pictures: Mapping[str, Pixels]) -> None:
    """Write `pictures` (RGB) and what each variant answers to them on the CPU of this machine.

    Raises:
        ReadingFailedError: A variant's answer is none.
    """
    folder = package.folder / GOLDEN
    folder.mkdir(exist_ok=True)
    sessions = {v: open_session(package.model(v), "cpu") for v in package.manifest.variants}
    made = []
    for name, pixels in pictures.items():
        _, encoded = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
        (folder / name).write_bytes(encoded.tobytes())
        tensor = prepare(pixels, package.manifest.input).tensor
        answers = {v: rows_of(s.run(tensor), package.manifest) for v, s in sessions.items()}
        made.append(
            golden.GoldenPicture(
                name,
                hashlib.sha256(encoded.tobytes()).hexdigest(),
                golden.tensor_hash(tensor),
                {v.name: golden.answer_of(package, v, rows) for v, rows in answers.items()},
                {v.name: golden.strongest_cells(rows) for v, rows in answers.items()},
            )
        )
    body = msgspec.json.encode(golden.GoldenSet(made))
    (folder / golden.ANSWERS).write_bytes(msgspec.json.format(body, indent=1))
