"""Lite0 takes the published weights whole, and learns only where it may."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the network NOT tested: PyTorch is not installed")

from importlib.metadata import PackageNotFoundError  # noqa: E402  after the skip

from models.training.lite0 import WIDTHS, Lite0  # noqa: E402
from models.training.network import BoxNetwork  # noqa: E402
from models.training.recipe import Backbones, NetworkSpec  # noqa: E402
from models.training.start import paced, published_weights  # noqa: E402

torch.set_num_threads(1)
SPEC = NetworkSpec(backbone=Backbones.LITE0, neck=16)
LAYOUT = (
    (1, 3, 1), (6, 3, 2), (6, 3, 1), (6, 5, 2), (6, 5, 1), (6, 3, 2), (6, 3, 1), (6, 3, 1),
    (6, 5, 1), (6, 5, 1), (6, 5, 1), (6, 5, 2), (6, 5, 1), (6, 5, 1), (6, 5, 1), (6, 3, 1),
)  # fmt: skip


def _published():
    try:
        path = published_weights()
    except PackageNotFoundError:
        pytest.skip("the published weights NOT tested: their package is not installed")
    return path, torch.load(path, weights_only=True)


def _norm(x, weights, name):
    keys = ("running_mean", "running_var", "weight", "bias")
    return torch.nn.functional.batch_norm(x, *(weights[f"{name}.{k}"] for k in keys), eps=1e-3)


def _published_forward(x, weights):
    """Return the last map as the published, unfolded network computes it, padded as ours."""
    conv, six = torch.nn.functional.conv2d, torch.nn.functional.relu6
    x = six(_norm(conv(x, weights["_conv_stem.weight"], None, 2, 1), weights, "_bn0"))
    for number, (widening, kernel, stride) in enumerate(LAYOUT):
        at, y = f"_blocks.{number}.", x
        if widening > 1:
            y = six(_norm(conv(y, weights[at + "_expand_conv.weight"]), weights, at + "_bn0"))
        deep = weights[at + "_depthwise_conv.weight"]
        y = conv(y, deep, None, stride, kernel // 2, groups=len(deep))
        y = conv(six(_norm(y, weights, at + "_bn1")), weights[at + "_project_conv.weight"])
        y = _norm(y, weights, at + "_bn2")
        x = x + y if y.shape == x.shape else y
    return x


def test_the_backbone_computes_what_the_published_weights_compute():
    path, weights = _published()
    backbone = Lite0(5)
    backbone.take_published(path)
    x = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(3)) * 2 - 1

    with torch.no_grad():
        maps = backbone.eval()(x)
        expected = _published_forward(x, weights)

    assert [m.shape[1] for m in maps] == list(WIDTHS)
    assert torch.allclose(maps[-1], expected, atol=1e-3 * float(expected.abs().max()))


def test_a_file_that_lacks_a_tensor_is_refused(tmp_path):
    _, weights = _published()
    del weights["_blocks.7._bn1.bias"]
    torch.save(weights, tmp_path / "short.pth")

    with pytest.raises(KeyError):
        Lite0(5).take_published(tmp_path / "short.pth")


def test_a_training_step_leaves_the_frozen_part_as_it_was():
    torch.manual_seed(1)
    network = BoxNetwork(SPEC, 1)
    before = {k: v.clone() for k, v in network.state_dict().items()}
    optimizer = torch.optim.AdamW(paced(network, SPEC), lr=0.1, weight_decay=0.5)

    logits, boxes = network.train()(torch.rand(2, 3, 64, 64))
    (logits.sum() + boxes.sum()).backward()
    optimizer.step()

    moved = {k for k, v in network.state_dict().items() if (v != before[k]).any()}
    still = {
        k
        for k in before
        if k.startswith(("backbone.stem", *(f"backbone.blocks.{n}." for n in range(5))))
    }
    assert not moved & (still | {"backbone.blocks.9.depthwise.weight"})
    assert {"backbone.blocks.9.project.weight", "neck.join.0.0.weight"} <= moved


def test_a_network_trained_and_looked_at_gives_nearly_the_same_maps():
    path, _ = _published()
    backbone = Lite0(5)
    backbone.take_published(path)
    x = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(3)) * 2 - 1

    exact = backbone.eval()(x)
    trained = backbone.train()(x)

    for a, b in zip(exact, trained, strict=True):
        assert float((a - b).detach().abs().mean()) < 0.05 * float(a.detach().abs().mean())


def test_where_the_weights_lie_is_inside_their_package():
    path, _ = _published()

    assert Path(path).is_file()
