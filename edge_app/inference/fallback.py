"""A detector that goes on by the CPU where its accelerator gives up in the middle of a reading."""

from collections.abc import Callable
from dataclasses import replace

from edge_app.domain.error import RuntimeStoppedError
from edge_app.domain.image import CapturedImage
from edge_app.domain.reading import Certificate, Reading
from edge_app.inference.choice import Choice
from edge_app.inference.detector import OnnxDetector
from edge_app.inference.providers import CPU


class FallingBack:
    """Reads by what `choice` gives; from the first stop of an accelerator on, by the CPU.

    An accelerator whose memory is taken by something else would stop at every image. What is
    loaded in its place has passed the same checks, and its certificate says the CPU.
    """

    def __init__(self, load: Callable[[Choice], OnnxDetector], choice: Choice) -> None:
        """Load the detector; raises what `load` raises."""
        self._load = load
        self._choice = choice
        self._detector: OnnxDetector | None = load(choice)

    @property
    def certificate(self) -> Certificate:
        """What the next reading carries."""
        return self._loaded().certificate

    def _loaded(self) -> OnnxDetector:
        if self._detector is None:
            self._detector = self._load(replace(self._choice, provider=CPU.name))
        return self._detector

    def read(self, image: CapturedImage) -> Reading:
        """Return the complete reading of `image`.

        Raises:
            ReadingFailedError: The answer was missing or cannot be trusted, by the CPU too.
            DetectorRefusedError: The accelerator stopped, and the CPU did not pass its check.
        """
        detector = self._loaded()
        try:
            return detector.read(image)
        except RuntimeStoppedError:
            if detector.certificate.provider == CPU.name:
                raise
        del detector
        self._detector = None  # its memory is free before the other one is loaded
        return self._loaded().read(image)
