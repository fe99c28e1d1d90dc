"""The compact anchor-free detector: plain 3x3 convolutions and ReLU, which quantize well."""

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from models.training import lite0
from models.training.recipe import Backbones, NetworkSpec

STRIDES = (8, 16, 32)


@dataclass(frozen=True, slots=True)
class PixelScale:
    """How a network takes grey levels 0 to 255: (level - zero) / span."""

    zero: int
    span: int

    def scaled(self, levels: Tensor) -> Tensor:
        """Return uint8 `levels` as the float32 numbers that the network takes."""
        return (levels.float() - self.zero) / self.span


_SCALES = {Backbones.OWN: PixelScale(0, 255), Backbones.LITE0: PixelScale(127, 128)}


class ConvUnit(nn.Sequential):
    """Convolution, batch norm, ReLU."""

    def __init__(self, c_in: int, c_out: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__(
            nn.Conv2d(c_in, c_out, kernel, stride, kernel // 2, bias=False),
            nn.BatchNorm2d(c_out, momentum=0.03, eps=1e-3),
            nn.ReLU(inplace=True),
        )


class PartialStage(nn.Module):
    """Half of the channels pass through residual blocks, the others beside them (CSPNet, 2019)."""

    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        half = channels // 2
        self.split = ConvUnit(channels, channels, 1)
        self.blocks = nn.ModuleList(
            nn.Sequential(ConvUnit(half, half), ConvUnit(half, half)) for _ in range(blocks)
        )
        self.merge = ConvUnit(channels + half * blocks, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return a map of the same shape."""
        parts = list(self.split(x).chunk(2, dim=1))
        for block in self.blocks:
            parts.append(parts[-1] + block(parts[-1]))
        return cast("Tensor", self.merge(torch.cat(parts, dim=1)))


class Backbone(nn.Module):
    """Feature maps at strides 8, 16 and 32."""

    def __init__(self, widths: tuple[int, int, int, int, int]) -> None:
        super().__init__()
        w2, w4, w8, w16, w32 = widths
        self.stem = nn.Sequential(
            ConvUnit(3, w2, 3, 2), ConvUnit(w2, w4, 3, 2), PartialStage(w4, 1)
        )
        self.stage8 = nn.Sequential(ConvUnit(w4, w8, 3, 2), PartialStage(w8, 2))
        self.stage16 = nn.Sequential(ConvUnit(w8, w16, 3, 2), PartialStage(w16, 2))
        self.stage32 = nn.Sequential(ConvUnit(w16, w32, 3, 2), PartialStage(w32, 1))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the maps at strides 8, 16 and 32."""
        p8 = self.stage8(self.stem(x))
        p16 = self.stage16(p8)
        return p8, p16, self.stage32(p16)


class Neck(nn.Module):
    """Carries coarse context down and fine detail up (feature pyramid, Lin et al. 2017)."""

    def __init__(self, widths: tuple[int, int, int], channels: int) -> None:
        super().__init__()
        self.lateral = nn.ModuleList(ConvUnit(w, channels, 1) for w in widths)
        self.smooth = nn.ModuleList(ConvUnit(channels, channels) for _ in range(2))
        self.down = nn.ModuleList(ConvUnit(channels, channels, 3, 2) for _ in range(2))
        self.join = nn.ModuleList(ConvUnit(2 * channels, channels, 1) for _ in range(2))
        self.grow = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, maps: tuple[Tensor, Tensor, Tensor]) -> list[Tensor]:
        """Return three maps with the neck's channels, finest first."""
        l8, l16, l32 = (lateral(m) for lateral, m in zip(self.lateral, maps, strict=True))
        t16 = self.smooth[0](l16 + self.grow(l32))
        t8 = self.smooth[1](l8 + self.grow(t16))
        b16 = self.join[0](torch.cat([self.down[0](t8), t16], dim=1))
        b32 = self.join[1](torch.cat([self.down[1](b16), l32], dim=1))
        return [t8, b16, b32]


class Head(nn.Module):
    """Class logits and four box sides for each cell of one map."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        self.cls = nn.Sequential(ConvUnit(channels, channels), nn.Conv2d(channels, classes, 1))
        self.box = nn.Sequential(ConvUnit(channels, channels), nn.Conv2d(channels, 4, 1))
        cast("Tensor", self.cls[-1].bias).data.fill_(-4.0)
        cast("Tensor", self.box[-1].bias).data.fill_(1.0)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [b, classes, h, w] and raw sides [b, 4, h, w]."""
        return self.cls(x), self.box(x)


class BoxNetwork(nn.Module):
    """RGB pixels to one set of class logits and one box for each grid cell."""

    def __init__(self, spec: NetworkSpec, classes: int) -> None:
        super().__init__()
        self.pixels = _SCALES[spec.backbone]
        if spec.backbone is Backbones.OWN:
            self.backbone: nn.Module = Backbone(spec.widths)
            self.neck = Neck(spec.widths[2:], spec.neck)
        else:
            self.backbone = lite0.Lite0(spec.frozen_blocks)
            self.neck = Neck(lite0.WIDTHS, spec.neck)
        self.heads = nn.ModuleList(Head(spec.neck, classes) for _ in STRIDES)

    def forward(self, unit: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [b, n, classes] and boxes [b, n, 4] (x0 y0 x1 y1, input pixels).

        Args:
            unit: float32 [b, 3, h, w], RGB, scaled by `pixels`, sides a multiple of 32.
        """
        logits, boxes = [], []
        maps = self.neck(self.backbone(unit))
        for head, x, stride in zip(self.heads, maps, STRIDES, strict=True):
            cls, sides = head(x)
            centres = grid_centres(int(x.shape[2]), int(x.shape[3]), stride).to(x.device)
            reach = nn.functional.softplus(sides.flatten(2).transpose(1, 2)) * stride
            boxes.append(torch.cat([centres - reach[..., :2], centres + reach[..., 2:]], dim=-1))
            logits.append(cls.flatten(2).transpose(1, 2))
        return torch.cat(logits, dim=1), torch.cat(boxes, dim=1)


def grid_centres(h: int, w: int, stride: int) -> Tensor:
    """Return the cell centres in input pixels, float32 [h*w, 2] as x, y."""
    yy, xx = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    return ((torch.stack([xx, yy], dim=-1).reshape(-1, 2) + 0.5) * stride).float()
