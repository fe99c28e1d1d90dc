"""Somebody's ONNX file and pictures, made into a detector package."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.image import Pixels
from edge_app.exchange.pictures import pictures
from edge_app.inference.build.description import Description
from edge_app.inference.build.package_folder import Built, Pictures, build
from edge_app.inference.build.questions import Ask, nobody_to_ask, settled
from edge_app.inference.build.source import read_source
from edge_app.inference.build.trials import Say

__all__ = ["Wish", "build_package", "nobody_to_ask"]
_MOST_PICTURES = 96


@dataclass(frozen=True, slots=True)
class Wish:
    """What a package is to be made of; `calibration` and `golden` are files or folders."""

    model: Path
    out: Path
    said: Description
    calibration: Sequence[Path]
    golden: Sequence[Path]


def _read(paths: Sequence[Path]) -> dict[str, Pixels]:
    """Return the pictures of files and folders by name.

    Raises:
        ImageRefusedError: A file is no picture.
    """
    found: dict[str, Pixels] = {}
    for picture in pictures(list(paths)):
        if picture.frame is None:
            if picture.refused:
                raise picture.refused
            continue
        name = f"{picture.path.stem}-{picture.frame_number}.png"
        if name in found:
            raise DetectorRefusedError(f"Two pictures are called {name}.", "Name each its own.")
        found[name] = picture.frame.pixels
        if len(found) == _MOST_PICTURES:
            break
    return found


def build_package(wish: Wish, ask: Ask, say: Say) -> Built:
    """Write the package and return how it compares with the file that it was made of.

    Args:
        wish: What to make it of.
        ask: Answers what neither the file nor the description says.
        say: Is told what is being done.

    Raises:
        EdgeAppError: The file, a picture or the description cannot be used; nothing was written.
    """
    say("Checking the model")
    source = read_source(wish.model, (wish.said.width, wish.said.height))
    said = settled(source, wish.said, wish.out.name, ask)
    golden = {f"golden-{i}.png": p for i, p in enumerate(_read(wish.golden).values(), 1)}
    shown = Pictures(list(_read(wish.calibration).values()), golden)
    return build(source, said, shown, wish.out, say)
