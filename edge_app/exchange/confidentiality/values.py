"""What may stand in one attribute once it is kept, emptied or filled with something else."""

from collections.abc import Callable
from typing import Any

from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.uid import UID
from pydicom.valuerep import validate_value

TEXT = frozenset({"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
_CHECKED = frozenset({"AS", "CS", "DA", "DS", "DT", "IS", "TM"})
_OLDEST = 90  # so old are so few that the age alone tells who it is
_DUMMIES: dict[str, Any] = {
    "AE": "ANON", "AS": "000Y", "AT": 0x00080018, "CS": "ANON", "DA": "19000101",
    "DS": "0", "DT": "19000101000000", "FD": 0.0, "FL": 0.0, "IS": "0", "LO": "removed",
    "LT": "removed", "PN": "ANON", "SH": "removed", "SL": 0, "SS": 0, "ST": "removed", "SV": 0,
    "TM": "000000", "UC": "removed", "UL": 0, "UR": "about:blank", "US": 0, "UT": "removed",
    "UV": 0,
}  # fmt: skip
# Whose codes anybody can look up; what else is coded may be words of the clinic.
_SCHEMES = frozenset({"DCM", "FMA", "I10", "LN", "MDC", "NCIt", "RADLEX", "SCT", "SNM3", "SRT",
                      "UCUM"})  # fmt: skip


def dummy(vr: str, uid: str) -> object:
    """Return a value of `vr` that says nothing: for types 1, where none may not be."""
    if vr == "SQ":
        return [Dataset()]
    return uid if vr == "UI" else _DUMMIES.get(vr, b"\0\0\0\0\0\0\0\0")


def texts_of(element: DataElement) -> list[str]:
    """Return each of its values as text, empty ones left out."""
    value = element.value
    several = value if isinstance(value, (MultiValue, list, tuple)) else [value]
    return [text for text in map(str, several) if text and text != "None"]


def is_valid(element: DataElement) -> bool:
    """Return whether a value that is no free text is what its VR allows."""
    if element.VR not in _CHECKED:
        return True
    try:
        for text in texts_of(element):
            validate_value(element.VR, text, config.RAISE)
    except ValueError:
        return False
    return True


def standard_uids(element: DataElement, new: Callable[[str], str]) -> list[str] | None:
    """Return UIDs of which only the standard's own, which name no object, stay as they are."""
    return [u if UID(u).type else new(u) for u in texts_of(element)] or None


def plain_age(age: str) -> str | None:
    """Return an age, at most 90 years."""
    said = str(age or "")
    if len(said) != 4 or not said[:3].isdigit() or said[3] not in "DWMY":
        return None
    return f"{_OLDEST:03d}Y" if said[3] == "Y" and int(said[:3]) > _OLDEST else said


def is_harmless_code(item: Dataset) -> bool:
    """Return whether an item is no code, or one of a scheme that anybody can look up."""
    is_code = any(key in item for key in ("CodeValue", "LongCodeValue", "URNCodeValue"))
    return not is_code or str(item.get("CodingSchemeDesignator", "")) in _SCHEMES
