"""`python -m models.training.text.export --run DIR --out DIR`: makes what ships."""

import argparse
from hashlib import sha256
from pathlib import Path

import onnx
import tomli_w
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edge_app.inference.text_finder import MANIFEST, MODEL, SIDE
from models.training.network import ConvUnit
from models.training.text.network import Exported, TextNetwork

_OPSET = 17
_VERSION = "1.0.0"
_CHANCES = [0.2, 0.3, 0.5]


def trained(run: Path) -> TextNetwork:
    """Return the network as a run left it, each batch norm folded into its convolution."""
    network = TextNetwork()
    network.load_state_dict(torch.load(run / "text.pt", weights_only=True)["network"])
    network.eval()
    for unit in [m for m in network.modules() if isinstance(m, ConvUnit)]:
        unit[0] = fuse_conv_bn_eval(unit[0], unit[1])
        unit[1] = nn.Identity()
    return network


def write(network: TextNetwork, folder: Path) -> None:
    """Write the ONNX file and its description into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MODEL
    torch.onnx.export(
        Exported(network),
        (torch.zeros(1, SIDE, SIDE, 3, dtype=torch.uint8),),
        str(path),
        input_names=["pixels"],
        output_names=["chances"],
        opset_version=_OPSET,
        dynamo=False,
    )
    onnx.checker.check_model(onnx.load(path), full_check=True)
    said = {
        "version": _VERSION,
        "model_sha256": sha256(path.read_bytes()).hexdigest(),
        "chances": _CHANCES,
    }
    (folder / MANIFEST).write_text(tomli_w.dumps(said), encoding="utf-8")


def main() -> None:
    """Export what a run left."""
    ask = argparse.ArgumentParser()
    ask.add_argument("--run", type=Path, required=True)
    ask.add_argument("--out", type=Path, required=True)
    given = ask.parse_args()
    write(trained(given.run), given.out)


if __name__ == "__main__":
    main()
