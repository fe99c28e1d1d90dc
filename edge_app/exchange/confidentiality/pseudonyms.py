"""New numbers for old ones: always the same with one key and project, and no way back without."""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from edge_app.domain.patient import PatientRef

_LEAST_DAYS, _SPAN_DAYS = 365, 3650
_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, repr=False)
class Pseudonyms:
    """Draws everything from a keyed hash.

    Attributes:
        key: Of the store, for this purpose only.
        project: Keeps the numbers of one export from being matched with those of another.
    """

    key: bytes
    project: str

    def _digest(self, kind: str, value: str) -> bytes:
        key = hmac.digest(self.key, self.project.encode(), "sha256")
        return hmac.digest(key, b"\0".join((kind.encode(), value.encode())), "sha256")

    def uid(self, old: str) -> str:
        """Return the UID that stands for `old` (PS3.5, B.2; a UUID of version 8, RFC 9562)."""
        number = int.from_bytes(self._digest("uid", old)[:16], "big")
        number = number & ~(0xF << 76) | 0x8 << 76
        return f"2.25.{number & ~(0x3 << 62) | 0x2 << 62}"

    def patient(self, patient: PatientRef) -> str:
        """Return what the patient is called; the name plays no part, as it may be corrected."""
        whose = f"{patient.issuer}\0{patient.identifier}"
        return f"ANON-{self._digest('patient', whose).hex()[:12].upper()}"

    def file_stem(self, study_id: str) -> str:
        """Return how the names of a study's files begin."""
        return self._digest("file", study_id).hex()[:16]

    def shift(self, patient: PatientRef) -> timedelta:
        """Return what is added to each of the patient's dates: one to eleven years back."""
        drawn = int.from_bytes(self._digest("shift", self.patient(patient))[:8], "big")
        days, minutes = divmod(drawn % (_SPAN_DAYS * _MINUTES), _MINUTES)
        return -timedelta(days=_LEAST_DAYS + days, minutes=minutes)
