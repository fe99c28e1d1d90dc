"""What somebody's ONNX file says of itself, and what its graph gives when it runs."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, numpy_helper

from edge_app.domain.error import DetectorRefusedError, ReadingFailedError
from edge_app.inference.build.runs import run_once
from edge_app.inference.verify import verify_file

_USUAL_SIDE = 640
_PIXEL_TYPES = {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.UINT8}
_REMEDY = "Export it again with one image input of fixed size, or ask the model's maker."


@dataclass(frozen=True, slots=True)
class Source:
    """A foreign graph with every size fixed, and what is known of it.

    Attributes:
        model: Its image input has a fixed shape; other inputs have become constants.
        input_name: Of the image input.
        planar: Whether its shape is [1, 3, h, w], not [1, h, w, 3].
        size: Width and height of the input.
        labels: What the file calls its classes, or nothing.
        task: What Ultralytics' exporter says that it does, or nothing.
        outputs: Name and shape of each output, as they came out of a run.
    """

    model: onnx.ModelProto
    input_name: str
    planar: bool
    size: tuple[int, int]
    labels: tuple[str, ...]
    task: str
    outputs: Mapping[str, tuple[int, ...]]


def _refused(why: str) -> DetectorRefusedError:
    return DetectorRefusedError(f"The model cannot be used: {why}.", _REMEDY)


def _labels(said: Mapping[str, str]) -> tuple[str, ...]:
    """Return the classes that the exporters of Ultralytics and PaddleDetection write down."""
    try:
        named = ast.literal_eval(said.get("names", "{}"))
    except (ValueError, SyntaxError):
        named = {}
    if isinstance(named, dict) and named:
        return tuple(str(named[k]) for k in sorted(named))
    listed = named if isinstance(named, list) else said.get("character", "").split("\n")
    return tuple(str(x) for x in listed if str(x).strip())


def _size(said: Mapping[str, str], dims: list[int], wanted: tuple[int, int]) -> tuple[int, int]:
    """Return the width and height of the input: the graph's, the person's, the exporter's."""
    height, width = dims
    sides = [int(n) for n in re.findall(r"\d+", said.get("imgsz", ""))]
    told = (sides[-1], sides[0]) if sides else (_USUAL_SIDE, _USUAL_SIDE)
    open_width, open_height = wanted[0] or told[0], wanted[1] or told[1]
    if (width and wanted[0] not in (0, width)) or (height and wanted[1] not in (0, height)):
        raise _refused(f"its input is {width} x {height}, not {wanted[0]} x {wanted[1]}")
    return width or open_width, height or open_height


def _fix_inputs(model: onnx.ModelProto, image: onnx.ValueInfoProto, size: tuple[int, int]) -> None:
    """Leave the image as the only input; a size that the graph asks for becomes a constant."""
    known = {t.name for t in model.graph.initializer}
    for value in list(model.graph.input):
        if value.name == image.name:
            continue
        model.graph.input.remove(value)
        if value.name in known:
            continue
        if value.type.tensor_type.elem_type != TensorProto.INT64:
            raise _refused(f"it has a second input, {value.name}")
        asked = np.array([size], np.int64)  # RT-DETR's orig_target_sizes: width, height
        model.graph.initializer.append(numpy_helper.from_array(asked, value.name))


def _fix_shape(model: onnx.ModelProto, name: str, shape: list[int]) -> None:
    value = next(v for v in model.graph.input if v.name == name)
    for dim, side in zip(value.type.tensor_type.shape.dim, shape, strict=True):
        dim.dim_value = side
    del model.graph.value_info[:]
    for output in model.graph.output:  # what was open is closed by the runtime's own inference
        for dim in output.type.tensor_type.shape.dim:
            if dim.dim_param:
                dim.ClearField("dim_param")


def _read(path: Path) -> onnx.ModelProto:
    bad = [c for c in verify_file(path) if not c.ok]
    if bad:
        said = "; ".join(f"{c.name}: {c.why}" for c in bad)
        raise _refused(f"it does not pass the check of the file ({said})")
    try:
        return onnx.load_model_from_string(path.read_bytes())
    except (DecodeError, ValueError, OSError) as error:
        raise _refused("it is not a whole ONNX file") from error


def _image_input(model: onnx.ModelProto) -> onnx.ValueInfoProto:
    known = {t.name for t in model.graph.initializer}
    images = [
        v
        for v in model.graph.input
        if v.name not in known
        and len(v.type.tensor_type.shape.dim) == 4
        and v.type.tensor_type.elem_type in _PIXEL_TYPES
    ]
    if len(images) != 1:
        raise _refused(f"it has {len(images)} image inputs")
    return images[0]


def read_source(path: Path, wanted: tuple[int, int] = (0, 0)) -> Source:
    """Return the graph in `path`, verified first, its sizes fixed, and run once.

    Args:
        path: An ONNX file.
        wanted: Width and height, where the file leaves them open; 0 means whatever it proposes.

    Raises:
        DetectorRefusedError: It is no safe graph with one image input.
    """
    model = _read(path)
    image = _image_input(model)
    dims = [d.dim_value for d in image.type.tensor_type.shape.dim]
    planar = dims[1] == 3 or dims[3] not in (0, 3)
    if (dims[1] if planar else dims[3]) not in (0, 3):
        raise _refused(f"its input has the shape {dims}, not three colours")
    said = {p.key: p.value for p in model.metadata_props}
    width, height = _size(said, dims[2:] if planar else dims[1:3], wanted)
    _fix_inputs(model, image, (width, height))
    shape = [1, 3, height, width] if planar else [1, height, width, 3]
    _fix_shape(model, image.name, shape)
    try:
        outputs = run_once(model, shape, image.type.tensor_type.elem_type)
    except ReadingFailedError as error:
        raise _refused(f"it does not run on an input of {width} x {height}") from error
    task = said.get("task", "")
    return Source(model, image.name, planar, (width, height), _labels(said), task, outputs)
