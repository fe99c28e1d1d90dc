"""What the marks in one image come to: refer, no sign found, or cannot say."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from edge_app.domain.measured import Measured
from edge_app.domain.reading import Advice, Detection, Outcome, Reading


@dataclass(frozen=True, slots=True)
class Referral:
    """How marks become advice, and how often that was right on validation groups.

    Attributes:
        landmark: Label that must be seen before the absence of signs means anything.
        signs: Labels that speak for a referral.
        refer_from: Score from which one mark is a sign, and one sign is enough.
        sensitivity: Share of images with signs that were told to refer.
        specificity: Share of images without that were told no sign found; cannot say counts
            as wrong in both.
        cannot_say: Share of all images that got neither.
    """

    landmark: str
    signs: tuple[str, ...]
    refer_from: float
    sensitivity: Measured
    specificity: Measured
    cannot_say: Measured

    def advice(self, detections: Iterable[Detection]) -> Advice:
        """Return what the marks of one answered image come to.

        A mark fainter than `refer_from` is no sign: most of those are false.
        """
        seen = list(detections)
        signs = [d.score for d in seen if d.label in self.signs]
        if max(signs, default=0.0) >= self.refer_from:
            return Advice.REFER
        if not any(d.label == self.landmark for d in seen):
            return Advice.CANNOT_SAY
        return Advice.NO_SIGN_FOUND

    def advice_of(self, reading: Reading) -> Advice:
        """Return what one reading comes to; one without an answer is cannot say."""
        if reading.outcome in (Outcome.CANNOT_SAY, Outcome.NOT_ANALYSED):
            return Advice.CANNOT_SAY
        return self.advice(reading.detections)

    def advised(self, reading: Reading) -> Reading:
        """Return the reading with what it comes to."""
        return replace(reading, advice=self.advice_of(reading))
