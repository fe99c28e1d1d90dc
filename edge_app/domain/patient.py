"""Who a study or a picture is of."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class PatientRef:
    """Who a study is of, as entered, or a received picture; the only type with personal data.

    Attributes:
        issuer: Who gave out the identifier; one number of two issuers is two people.
    """

    identifier: str
    name: str = ""
    birth_date: date | None = None
    sex: str = ""
    issuer: str = ""

    def __repr__(self) -> str:
        """Return nothing that names a person, so that logs and exceptions cannot."""
        return "PatientRef(hidden)"
