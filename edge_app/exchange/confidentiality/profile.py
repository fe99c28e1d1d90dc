"""A data set by the Basic Application Level Confidentiality Profile and its options."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from pydicom.datadict import dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from edge_app import __version__
from edge_app.domain.confidentiality import BurnedText, Confidentiality, Option
from edge_app.domain.patient import PatientRef
from edge_app.exchange.confidentiality.annex_e import Action, action_for, is_listed
from edge_app.exchange.confidentiality.dates import (
    UnreadableDateError,
    moved_date,
    moved_datetime,
    moved_time,
)
from edge_app.exchange.confidentiality.pseudonyms import Pseudonyms
from edge_app.exchange.confidentiality.values import (
    TEXT,
    dummy,
    is_harmless_code,
    is_valid,
    plain_age,
    standard_uids,
    texts_of,
)
from edge_app.exchange.confidentiality.words import Identity, cleaned_text

_BASIC = ("113100", "Basic Application Confidentiality Profile")
_CLEAN_PIXELS = ("113101", "Clean Pixel Data Option")
_CODES = {  # PS3.16, CID 7050
    Option.DESCRIPTORS: ("113105", "Clean Descriptors Option"),
    Option.DATES: ("113106", "Retain Longitudinal Temporal Information Full Dates Option"),
    Option.SHIFTED_DATES: (
        "113107",
        "Retain Longitudinal Temporal Information Modified Dates Option",
    ),
    Option.PATIENT: ("113108", "Retain Patient Characteristics Option"),
    Option.DEVICE: ("113109", "Retain Device Identity Option"),
    Option.UIDS: ("113110", "Retain UIDs Option"),
    Option.INSTITUTION: ("113112", "Retain Institution Identity Option"),
}
_IDENTIFIERS = frozenset({
    "AccessionNumber", "AdmissionID", "IssuerOfPatientID", "MedicalRecordLocator",
    "OtherPatientIDs", "PatientID", "StudyID",
})  # fmt: skip


class Deidentifier:
    """Makes data sets of one patient into such that name nobody."""

    def __init__(
        self, wishes: Confidentiality, pseudonyms: Pseudonyms, patient: PatientRef
    ) -> None:
        self._wishes, self._pseudonyms = wishes, pseudonyms
        self._patient = patient
        self._shift = pseudonyms.shift(patient)

    def deidentified(self, ds: Dataset) -> Dataset:
        """Return a new data set; `ds` stays as it is, and must hold its pixels uncompressed."""
        made = _Cleaning(self._wishes, self._pseudonyms, self._shift, _identity(ds)).cleaned(ds)
        made.PatientID = made.PatientName = self._pseudonyms.patient(self._patient)
        _say_what_was_done(made, self._wishes)
        return made


class _Cleaning:
    """One data set on its way."""

    def __init__(
        self,
        wishes: Confidentiality,
        pseudonyms: Pseudonyms,
        shift: timedelta,
        identity: Identity,
    ) -> None:
        self._options = wishes.options
        self._pseudonyms = pseudonyms
        self._shift = shift
        self._identity = identity
        self._by_action: dict[Action, Callable[[DataElement, Dataset], object]] = {
            Action.EMPTY: lambda e, _: [] if e.VR == "SQ" else None,
            Action.DUMMY: lambda e, _: dummy(e.VR, self._pseudonyms.uid("dummy")),
            Action.KEEP: self._kept,
            Action.CLEAN: self._clean,
            Action.NEW_UID: self._renumbered,
        }

    def cleaned(self, ds: Dataset) -> Dataset:
        """Return what of a data set, or of an item of a sequence, may stay."""
        made = Dataset()
        for element in ds:
            if element.tag.is_private or not _is_as_listed(element):
                continue
            action = action_for(element.tag, element.VR, self._options)
            if action is not Action.REMOVE:
                value = self._by_action[action](element, ds)
                made.add(DataElement(element.tag, element.VR, value))
        return made

    def _kept(self, element: DataElement, ds: Dataset) -> object:
        if element.VR == "SQ":
            return self._items(element)
        if element.VR == "UI":
            if is_listed(element.tag):  # an option keeps it
                return element.value
            return standard_uids(element, self._pseudonyms.uid)
        del ds
        if element.keyword == "PatientAge":
            return plain_age(element.value)
        if element.VR in TEXT and any(map(self._identity.is_in, texts_of(element))):
            return None
        return element.value if is_valid(element) else None

    def _items(self, element: DataElement) -> Sequence:
        """Return the items that may stay; a code of nobody's known scheme is free text."""
        items = [item for item in element.value if is_harmless_code(item)]
        return Sequence([self.cleaned(item) for item in items])

    def _renumbered(self, element: DataElement, ds: Dataset) -> object:
        del ds
        if element.VR == "SQ":
            return self._items(element)
        return [self._pseudonyms.uid(uid) for uid in texts_of(element)] or None

    def _clean(self, element: DataElement, ds: Dataset) -> object:
        if element.VR in {"DA", "DT", "TM"}:
            return self._moved(element, ds)
        if element.VR == "SQ":
            return self._items(element)
        if element.VR not in TEXT - {"AE", "CS", "PN"}:  # nothing of these can be told apart
            return None
        words = cleaned_text(" ".join(texts_of(element)))
        left = (word for word in words.split() if not self._identity.is_in(word))
        return " ".join(left)[: 16 if element.VR == "SH" else 64] or None

    def _moved(self, element: DataElement, ds: Dataset) -> str | None:
        """Return a date with its time, if both are there, moved as one moment."""
        said = str(element.value or "")
        other = _partner(element, ds)
        try:
            if element.VR == "DT":
                return moved_datetime(said, self._shift)
            if element.VR == "DA":
                return moved_date(said, self._shift, other)
            return moved_time(said, self._shift)
        except UnreadableDateError:
            return None


def _partner(element: DataElement, ds: Dataset) -> str:
    """Return the time that belongs to a date, or nothing."""
    other = ds.get(element.keyword.replace("Date", "Time")) if element.VR == "DA" else None
    return str(other or "")


def _is_as_listed(element: DataElement) -> bool:
    """Return whether the attribute is one of the standard's, written as the standard says."""
    return bool(keyword_for_tag(element.tag)) and element.VR in dictionary_VR(element.tag)


def _identity(ds: Dataset) -> Identity:
    return Identity(_names_in(ds))


def _names_in(ds: Dataset) -> Iterator[str]:
    for element in ds:
        if element.VR == "SQ":
            for item in element.value:
                yield from _names_in(item)
        elif element.VR == "PN" or element.keyword in _IDENTIFIERS:
            yield from texts_of(element)


def _say_what_was_done(made: Dataset, wishes: Confidentiality) -> None:
    """Set what PS3.15, E.1.1 asks for."""
    is_clean = wishes.text is BurnedText.GONE
    said = [_BASIC, *([_CLEAN_PIXELS] if is_clean else [])]
    said += [_CODES[option] for option in Option if option in wishes.options]
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = f"PS3.15 Annex E 2026c, edge-app {__version__}"
    made.DeidentificationMethodCodeSequence = Sequence([_coded(*code) for code in said])
    made.LongitudinalTemporalInformationModified = (
        "UNMODIFIED" if Option.DATES in wishes.options
        else "MODIFIED" if Option.SHIFTED_DATES in wishes.options
        else "REMOVED"
    )  # fmt: skip
    if wishes.text is not BurnedText.BLACKED_OUT:
        made.BurnedInAnnotation = "NO" if is_clean else "YES"


def _coded(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item
