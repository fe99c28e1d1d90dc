"""The shipped blood-smear package, made over to read any number of pictures at once."""

import hashlib
import shutil
from pathlib import Path

import onnx

from edge_app.inference.build.free_batch import freed
from edge_app.inference.package import load_package
from edge_app.inference.preprocess import prepare
from tests.smears import PACKAGE, a_field


def with_first_side(model):
    """Return the graph without its last step, which takes the only picture's answer out."""
    kept = onnx.ModelProto()
    kept.CopyFrom(model)
    for node in kept.graph.node:
        axis = next((a.i for a in node.attribute if a.name == "axis"), 0)
        if node.op_type == "Gather" and axis == 0:
            node.op_type = "Identity"
            del node.input[1:], node.attribute[:]
    for output in kept.graph.output:
        rows, columns = [d.dim_value for d in output.type.tensor_type.shape.dim]
        output.CopyFrom(onnx.helper.make_tensor_value_info(output.name, 1, [1, rows, columns]))
    del kept.graph.value_info[:]
    return kept


def a_free_package(folder: Path) -> Path:
    """Return a copy below `folder` whose variants have a free first side."""
    package = load_package(PACKAGE)
    copy = Path(shutil.copytree(PACKAGE, folder / PACKAGE.name))
    said = (copy / "package.toml").read_text()
    shown = [prepare(a_field(n)[0].pixels, package.manifest.input).tensor for n in (7, 8)]
    for variant in package.manifest.variants:
        model = freed(with_first_side(onnx.load_model(copy / variant.file)), shown)
        content = model.SerializeToString()
        (copy / variant.file).write_bytes(content)
        said = said.replace(variant.sha256, hashlib.sha256(content).hexdigest())
    (copy / "package.toml").write_text(said)
    return copy
