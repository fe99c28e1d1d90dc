"""Which grid cells answer for which box, and how wrong their answers are."""

import torch
from torch import Tensor, nn

from models.training.network import STRIDES, grid_centres

_TOP_CELLS = 10
_SCORE_POWER = 0.5
_OVERLAP_POWER = 4.0
_BOX_WEIGHT = 2.0


def overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Return IoU and generalized IoU of boxes that broadcast together (Rezatofighi 2019)."""
    low, high = torch.maximum(a[..., :2], b[..., :2]), torch.minimum(a[..., 2:], b[..., 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    area_a = (a[..., 2:] - a[..., :2]).clamp(min=0).prod(-1)
    area_b = (b[..., 2:] - b[..., :2]).clamp(min=0).prod(-1)
    union = area_a + area_b - shared + 1e-6
    hull = torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])
    hull_area = hull.clamp(min=0).prod(-1) + 1e-6
    iou = shared / union
    return iou, iou - (hull_area - union) / hull_area


def all_centres(side: int) -> Tensor:
    """Return the centres of every cell of every map of a square input, float32 [n, 2]."""
    return torch.cat([grid_centres(side // s, side // s, s) for s in STRIDES])


@torch.no_grad()
def assign(
    scores: Tensor, boxes: Tensor, true_boxes: Tensor, true_labels: Tensor, centres: Tensor
) -> tuple[Tensor, Tensor]:
    """Return, for each cell, the true box it answers for (-1: none) and its target score.

    Task-aligned assignment (TOOD, Feng et al. 2021): the cells inside a box whose class
    score and overlap are best together learn it; a cell in two boxes takes the closer fit.
    """
    n, m = centres.shape[0], true_boxes.shape[0]
    owner = torch.full((n,), -1, dtype=torch.long)
    target = torch.zeros(n)
    if m == 0:
        return owner, target
    to_low = centres[None] - true_boxes[:, None, :2]
    to_high = true_boxes[:, None, 2:] - centres[None]
    inside = torch.cat([to_low, to_high], dim=-1).amin(-1) > 0.01
    iou, _ = overlap(true_boxes[:, None], boxes[None])
    iou = iou * inside
    metric = scores[:, true_labels].T.clamp(min=1e-6) ** _SCORE_POWER * iou**_OVERLAP_POWER
    metric = metric + inside * 1e-9
    best = metric.topk(min(_TOP_CELLS, n), dim=1).indices
    chosen = torch.zeros_like(inside).scatter_(1, best, value=True) & inside
    claim = torch.where(chosen, iou + 1e-6, torch.zeros_like(iou))
    value, who = claim.max(dim=0)
    taken = value > 0
    owner[taken] = who[taken]
    held = torch.zeros_like(metric)
    held[who[taken], taken.nonzero().squeeze(1)] = metric[who[taken], taken]
    held_iou = torch.where(held > 0, iou, torch.zeros_like(iou))
    scaled = held / (held.amax(1, keepdim=True) + 1e-12) * held_iou.amax(1, keepdim=True)
    return owner, scaled.amax(0)


def detection_loss(
    logits: Tensor, boxes: Tensor, truth: list[tuple[Tensor, Tensor]], side: int
) -> Tensor:
    """Return the mean loss of a batch.

    Args:
        logits: [b, n, classes].
        boxes: [b, n, 4], input pixels.
        truth: A picture's true boxes [m, 4] and labels [m].
        side: Of the square input, in pixels.
    """
    centres = all_centres(side)
    goal = torch.zeros_like(logits)
    box_loss = logits.new_zeros(())
    for i, (true_boxes, true_labels) in enumerate(truth):
        owner, target = assign(
            logits[i].detach().sigmoid(), boxes[i].detach(), true_boxes, true_labels, centres
        )
        cells = (owner >= 0).nonzero().squeeze(1)
        if len(cells) == 0:
            continue
        goal[i, cells, true_labels[owner[cells]]] = target[cells]
        _, giou = overlap(boxes[i, cells], true_boxes[owner[cells]])
        box_loss = box_loss + ((1 - giou) * target[cells]).sum()
    score_loss = nn.functional.binary_cross_entropy_with_logits(logits, goal, reduction="none")
    focus = torch.where(goal > 0, goal, 0.75 * logits.detach().sigmoid() ** 2)
    total = goal.sum().clamp(min=1.0)
    return ((score_loss * focus).sum() + _BOX_WEIGHT * box_loss) / total
