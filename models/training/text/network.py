"""A small fully convolutional network: where in a picture text stands, at a quarter of its size."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.training.network import ConvUnit


class TextNetwork(nn.Module):
    """Pixels [n, 3, h, w], 0 to 1, to logits [n, 1, h / 4, w / 4]; sides are multiples of 16."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(ConvUnit(3, 12, 3, 2), ConvUnit(12, 24, 3, 2))
        self.fine = nn.Sequential(ConvUnit(24, 24), ConvUnit(24, 24))
        self.middle = nn.Sequential(ConvUnit(24, 48, 3, 2), ConvUnit(48, 48), ConvUnit(48, 48))
        self.coarse = nn.Sequential(ConvUnit(48, 64, 3, 2), ConvUnit(64, 64), ConvUnit(64, 64))
        self.from_coarse = ConvUnit(64, 48, 1)
        self.from_middle = ConvUnit(48, 24, 1)
        self.head = nn.Sequential(ConvUnit(24, 24), nn.Conv2d(24, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        fine = self.fine(self.stem(x))
        middle = self.middle(fine)
        coarse = self.coarse(middle)
        middle = middle + functional.interpolate(self.from_coarse(coarse), scale_factor=2.0)
        fine = fine + functional.interpolate(self.from_middle(middle), scale_factor=2.0)
        return cast("Tensor", self.head(fine))


class Exported(nn.Module):
    """Pixels uint8 [1, side, side, 3] to the chance of text [1, side / 4, side / 4]."""

    def __init__(self, network: TextNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the chances."""
        planes = pixels.permute(0, 3, 1, 2).to(torch.float32) / 255.0
        return torch.sigmoid(self.network(planes))[:, 0]
