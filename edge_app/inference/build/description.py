"""What a person says of a foreign model, and what stands where nobody said anything."""

from dataclasses import fields, replace
from pathlib import Path

import msgspec

from edge_app.domain.decoding import Activation, Background, BoxForm, Decoding, Suppression
from edge_app.domain.error import DetectorRefusedError
from edge_app.domain.manifest import Fit, Shrink

_UNSAID = "Not stated."


class DecodingWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Parameters of the decoder that differ from the family's."""

    suppression: Suppression | None = None
    activation: Activation | None = None
    background: Background | None = None
    strides: tuple[int, ...] | None = None
    anchors: tuple[int, ...] | None = None
    cell_centre: float | None = None
    box_form: BoxForm | None = None
    relative: bool | None = None
    first_label: int | None = None
    coefficients: int | None = None
    mask_level: float | None = None

    def applied(self, decoding: Decoding) -> Decoding:
        """Return `decoding` with what was wished."""
        given = {f.name: getattr(self, f.name) for f in fields(decoding)}
        return replace(decoding, **{k: v for k, v in given.items() if v is not None})


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that can be said; what is empty is proposed from the file or the family.

    Attributes:
        family: A key of FAMILIES.
        labels: In the graph's order, without the class that means nothing.
        outputs: Names of the graph's outputs in the order of the family's layout.
        score: The score from which a detection counts.
        loss: The largest share of detections that int8 may lose.
        several: Whether it shall read several tiles of a large picture at once, for accelerators;
            on some runtimes a single picture then takes longer.
        width: Of the input, where the file leaves it open.
        height: Likewise.
        fit: How a picture is brought to the input's size.
        shrink: How it is made smaller than half; nearly all publishers do it linearly.
        mean: Grey levels taken from each channel, in the graph's channel order.
        std: Grey levels that each channel is divided by.
        bgr: Whether the graph's channels are blue, green, red.
    """

    name: str = ""
    family: str = ""
    labels: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    score: float = 0.25
    loss: float = 0.05
    several: bool = False
    nms_iou: float | None = None
    width: int = 0
    height: int = 0
    fit: Fit | None = None
    shrink: Shrink = Shrink.LINEAR
    fill: int | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    bgr: bool | None = None
    decoding: DecodingWish = DecodingWish()
    version: str = "0.1.0"
    title: str = ""
    licence: str = _UNSAID
    intended_use: str = "Trying out a foreign detector. Not validated: not for patients."
    must_not: str = "No diagnosis. Nobody has measured what it misses."
    body_part: str = _UNSAID
    modality: str = "OT"
    training_data: str = _UNSAID


def read_description(path: Path) -> Description:
    """Return what a TOML file says.

    Raises:
        DetectorRefusedError: It cannot be read, or says what nobody asked.
    """
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Description)
    except (OSError, msgspec.DecodeError) as error:
        raise DetectorRefusedError(
            f"The description {path.name} cannot be read: {error}.",
            "Correct it; docs/how-to/bring-your-own-detector.md lists what it may say.",
        ) from error
