"""Every attribute of PS3.15 Table E.1-1, filled with markers, under every option, nested too."""

import csv
import io
import re
from datetime import datetime, timedelta
from importlib.resources import files

import pytest
from pydicom import dcmread
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes

from edge_app.domain.confidentiality import (
    BurnedText,
    Confidentiality,
    Option,
    OptionsRefusedError,
)
from edge_app.domain.patient import PatientRef
from edge_app.exchange.confidentiality import annex_e, profile
from edge_app.exchange.confidentiality.annex_e import Action
from edge_app.exchange.confidentiality.profile import Deidentifier
from edge_app.exchange.confidentiality.pseudonyms import Pseudonyms
from edge_app.exchange.confidentiality.words import cleaned_text
from edge_app.exchange.dicom_study import part_10
from tests.faults.marked_day import MARKED
from tests.faults.test_nothing_readable import hits

TABLE = list(
    csv.DictReader(
        files("edge_app.exchange.confidentiality").joinpath("annex_e.csv").read_text().splitlines()
    )
)
OWN_UID = "1.2.3.66173399.1"
MARKERS = {
    "AE": "ZEBROWSKA", "AS": "069Y", "AT": 0x00100010, "CS": "ZEBROWSKA", "DA": "19570309",
    "DS": "66173399", "DT": "19570309101500", "FD": 66173399.0, "FL": 66173399.0,
    "IS": "66173399", "LO": MARKED.name, "LT": MARKED.name, "PN": MARKED.name,
    "SH": "Zebrowska", "SL": 66173399, "SS": 6617, "ST": MARKED.name, "SV": 66173399,
    "TM": "101500", "UC": MARKED.name, "UI": OWN_UID, "UL": 66173399, "UR": MARKED.issuer,
    "US": 6617, "UT": MARKED.name, "UV": 66173399,
}  # fmt: skip
NAMED = {"AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"}
ONE_BY_ONE = [frozenset(), *(frozenset({option}) for option in Option)]
EVERYTHING = [
    frozenset(Option) - {Option.SHIFTED_DATES},
    frozenset(Option) - {Option.DATES},
]
KEY = bytes(range(32))


def vr_of(tag: int) -> str:
    return dictionary_VR(tag).split(" ")[0] if keyword_for_tag(tag) else "LO"


def marked(row: dict[str, str]) -> DataElement:
    tag = int(row["tag"], 16)
    vr = vr_of(tag)
    if vr == "SQ":
        item = Dataset()
        item.PatientName, item.ReferencedSOPInstanceUID = MARKED.name, OWN_UID
        return DataElement(tag, vr, Sequence([item]))
    return DataElement(tag, vr, MARKERS.get(vr, MARKED.name.encode() + b"\0"))


ROWS = [row for row in TABLE if int(row["tag"][:4], 16) not in (0, 2)]


def everything() -> Dataset:
    """Return a data set with every attribute of the table, and each once more in a nested item."""
    ds, item = Dataset(), Dataset()
    for row in ROWS:
        ds.add(marked(row))
        item.add(marked(row))
    inner = Dataset()
    inner.FrameContentSequence = [item]
    ds.PerFrameFunctionalGroupsSequence = [inner]
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    ds.PatientID = item.PatientID = MARKED.identifier
    ds.IssuerOfPatientID = item.IssuerOfPatientID = MARKED.issuer
    ds.add_new(0x00091001, "LO", MARKED.name)
    ds.add_new(0x00090010, "LO", "ZEBROWSKA")
    item.add_new(0x00091001, "UN", MARKED.name.encode())
    ds.add_new(0x60003000, "OW", MARKED.name.encode() + b"\0")
    ds.add_new(0x60004000, "LT", MARKED.name)
    ds.add_new(0x50003000, "OW", MARKED.name.encode() + b"\0")
    ds.add_new(0x00187001, "DS", "66173399")  # of the standard, in neither list
    return ds


def by(options=frozenset(), project="p", key=KEY, text=BurnedText.BLACKED_OUT) -> Deidentifier:
    wishes = Confidentiality(project, options, text)
    return Deidentifier(wishes, Pseudonyms(key, project), MARKED)


def nested_in(made: Dataset) -> Dataset:
    return made.PerFrameFunctionalGroupsSequence[0].FrameContentSequence[0]


def expected(row: dict[str, str], options: frozenset[Option]) -> str:
    """Return what the table asks for, worked out without the code under test."""
    vr = vr_of(int(row["tag"], 16))
    letters = {row[o.value] for o in options} - {""}
    if letters and vr not in {"OB", "OW"}:  # stricter: nobody can look into bytes
        return "C" if "C" in letters else "K"
    basic = row["basic"]
    if basic == "X/Z/U*":
        return "U"
    if vr == "SQ" and "/" in basic:
        return "Z" if "Z" in basic else "X"
    return basic[-1]


def is_met(row: dict[str, str], made: Dataset, letter: str) -> bool:
    """Return whether `made` shows that the action was done on that attribute."""
    tag, before = int(row["tag"], 16), marked(row)
    if letter == "X" or not keyword_for_tag(tag):
        return tag not in made
    after = made[tag]
    if letter == "Z":
        return after.is_empty
    if before.VR == "SQ":
        return is_sequence_met(after, letter)
    if letter == "K":
        return after.is_empty if before.VR in NAMED else after.value == before.value
    if letter == "C":
        is_moved = before.VR in {"DA", "DT", "TM"} and after.value != before.value
        return is_moved or after.is_empty
    return not after.is_empty and after.value != before.value


def is_sequence_met(after: DataElement, letter: str) -> bool:
    if letter == "D":
        return len(after.value) == 1 and len(after.value[0]) == 0
    return len(after.value) == 1 and not after.value[0].get("PatientName")


@pytest.mark.parametrize("options", ONE_BY_ONE + EVERYTHING, ids=lambda o: "+".join(
    sorted(x.value for x in o)) or "basic")  # fmt: skip
def test_each_attribute_of_the_table_gets_its_action_also_in_nested_sequences(options):
    made = by(options).deidentified(everything())

    wrong = [
        (row["tag"], row["keyword"], expected(row, options), where)
        for row in ROWS
        for where, ds in (("top", made), ("nested", nested_in(made)))
        if not is_met_in(row, ds, expected(row, options), where)
    ]

    assert len(ROWS) > 640
    assert wrong == []


def is_met_in(row: dict[str, str], made: Dataset, letter: str, where: str) -> bool:
    if where == "top" and row["keyword"] in {"PatientName", "PatientID"}:
        return str(made[row["keyword"]].value).startswith("ANON-")
    return is_met(row, made, letter)


@pytest.mark.parametrize("options", ONE_BY_ONE + EVERYTHING, ids=lambda o: "+".join(
    sorted(x.value for x in o)) or "basic")  # fmt: skip
def test_no_byte_of_a_file_names_the_patient_in_any_of_six_encodings(options):
    before = everything()
    assert sum(hits(part_10(whole(before))).values()) > 500

    content = part_10(whole(by(options).deidentified(before)))

    found = hits(content)
    assert len(found) == 6
    assert {name: count for name, count in found.items() if count} == {}


def whole(ds: Dataset) -> Dataset:
    """Return the data set as a file may hold it: an instance needs a UID, and two groups no one."""
    for tag in [element.tag for element in ds if element.tag.group < 8]:
        del ds[tag]
    ds.SOPInstanceUID = ds.get("SOPInstanceUID") or "2.25.1"
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    return ds


def test_the_table_is_that_of_the_standard():
    assert len(TABLE) == 652
    assert {row["basic"] for row in TABLE} == {
        "X", "Z", "D", "U", "X/Z", "X/D", "Z/D", "X/Z/D", "X/Z/U*"}  # fmt: skip
    named = {row["tag"]: row["keyword"] for row in TABLE if keyword_for_tag(int(row["tag"], 16))}
    assert {t: keyword_for_tag(int(t, 16)) for t in named} == named
    assert len(named) > 620


def test_what_is_allowed_is_of_the_standard_is_not_in_the_table_and_is_no_free_text():
    allowed = files("edge_app.exchange.confidentiality").joinpath("allowed.txt").read_text().split()
    listed = {row["keyword"] for row in TABLE}
    texts = {k for k in allowed if dictionary_VR(k) in {"LO", "LT", "PN", "SH", "ST", "UC", "UT"}}

    assert [k for k in allowed if tag_for_keyword(k) is None or k in listed] == []
    assert len(set(allowed)) == len(allowed) > 150
    assert texts == {"Manufacturer", "ManufacturerModelName", "SoftwareVersions", "CodeValue",
                     "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning"}  # fmt: skip


def test_what_neither_list_names_is_removed():
    ds = everything()

    made = by().deidentified(ds)

    assert 0x00187001 in ds
    kept = {element.tag for element in made.iterall()}
    assert 0x00187001 not in kept
    assert {t for t in kept if t.is_private or t.group in (0x5000, 0x6000)} == set()


def test_what_is_not_written_as_the_standard_says_is_removed():
    ds = Dataset()
    ds.add_new(0x00280010, "LO", "Zebrowska")
    ds.add_new(0x00080023, "LO", "Zebrowska")

    assert {e.keyword for e in by(frozenset({Option.DATES})).deidentified(ds)}.isdisjoint(
        {"Rows", "ContentDate"}
    )


def test_uids_are_new_the_same_within_a_project_and_others_with_another_key_or_project():
    ds = Dataset()
    ds.StudyInstanceUID = ds.FrameOfReferenceUID = OWN_UID
    item = Dataset()
    item.ReferencedSOPInstanceUID, item.ReferencedSOPClassUID = OWN_UID, "1.2.840.10008.5.1.4.1.1.7"
    ds.ReferencedImageSequence = [item]

    made = by().deidentified(ds)
    again = by().deidentified(ds)

    new = made.StudyInstanceUID
    assert re.fullmatch(r"2\.25\.[1-9]\d{30,38}", new)
    assert made.FrameOfReferenceUID == again.StudyInstanceUID == new
    assert made.ReferencedImageSequence[0].ReferencedSOPInstanceUID == new
    assert made.ReferencedImageSequence[0].ReferencedSOPClassUID == item.ReferencedSOPClassUID
    assert by(project="q").deidentified(ds).StudyInstanceUID != new
    assert by(key=bytes(32)).deidentified(ds).StudyInstanceUID != new
    assert by(frozenset({Option.UIDS})).deidentified(ds).StudyInstanceUID == OWN_UID


def test_a_uid_of_an_object_does_not_stay_where_a_class_should_stand():
    ds = Dataset()
    ds.SOPClassUID = OWN_UID

    assert by(frozenset({Option.UIDS})).deidentified(ds).SOPClassUID.startswith("2.25.")


def test_the_data_set_itself_is_not_changed():
    ds = everything()

    by().deidentified(ds)

    assert ds == everything()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (frozenset(), "REMOVED"),
        (frozenset({Option.DATES}), "UNMODIFIED"),
        (frozenset({Option.SHIFTED_DATES, Option.PATIENT}), "MODIFIED"),
    ],
)
def test_what_was_done_stands_in_the_data_set(options, said):
    made = by(options, text=BurnedText.GONE).deidentified(everything())

    stated = [(c.CodeValue, c.CodeMeaning) for c in made.DeidentificationMethodCodeSequence]
    named = {getattr(codes.DCM, name).value: getattr(codes.DCM, name).meaning for name in (
        "BasicApplicationConfidentialityProfile", "CleanPixelDataOption",
        "RetainPatientCharacteristicsOption",
        "RetainLongitudinalTemporalInformationFullDatesOption",
        "RetainLongitudinalTemporalInformationModifiedDatesOption")}  # fmt: skip
    assert made.PatientIdentityRemoved == "YES"
    assert made.DeidentificationMethod.startswith("PS3.15 Annex E 2026c")
    assert made.LongitudinalTemporalInformationModified == said
    assert len(stated) == 2 + len(options)
    assert {value: named[value] for value, _ in stated} == dict(stated)
    assert {c.CodingSchemeDesignator for c in made.DeidentificationMethodCodeSequence} == {"DCM"}


def test_burned_in_annotation_is_no_only_where_a_person_looked():
    said = {text: by(text=text).deidentified(everything()) for text in BurnedText}

    assert said[BurnedText.GONE].BurnedInAnnotation == "NO"
    assert said[BurnedText.LEFT].BurnedInAnnotation == "YES"
    assert "BurnedInAnnotation" not in said[BurnedText.BLACKED_OUT]
    claims = {t: "113101" in {c.CodeValue for c in d.DeidentificationMethodCodeSequence}
              for t, d in said.items()}  # fmt: skip
    assert claims == {BurnedText.GONE: True, BurnedText.LEFT: False, BurnedText.BLACKED_OUT: False}


def moment(day: str, time: str) -> datetime:
    return datetime.strptime(day + time[:6], "%Y%m%d%H%M%S")  # noqa: DTZ007


@pytest.mark.parametrize("number", range(20))
def test_dates_that_are_shifted_keep_their_distance_over_midnight(number):
    ds = Dataset()
    ds.StudyDate, ds.StudyTime = "20260302", "235000"
    ds.ContentDate, ds.ContentTime = "20260303", "001000.25"
    ds.AcquisitionDateTime = "20260303001000.250000+0100"
    project = f"project {number}"

    made = by(frozenset({Option.SHIFTED_DATES}), project).deidentified(ds)

    shift = Pseudonyms(KEY, project).shift(MARKED)
    study = moment(made.StudyDate, made.StudyTime)
    content = moment(made.ContentDate, made.ContentTime)
    assert timedelta(days=-4100) < shift < timedelta(days=-365)
    assert study == datetime(2026, 3, 2, 23, 50) + shift  # noqa: DTZ001
    assert content - study == timedelta(minutes=20)
    assert made.ContentTime.endswith(".25")
    assert made.AcquisitionDateTime[:14] == f"{content:%Y%m%d%H%M%S}"
    assert made.AcquisitionDateTime.endswith(".250000+0100")


@pytest.mark.parametrize(
    "value", ["", "2026", "20261350", "today", "20260302120000.1234567", "00010101"]
)
def test_a_date_that_cannot_be_shifted_goes(value):
    ds = Dataset()
    ds.add(DataElement(0x00080020, "DA", value, validation_mode=0))
    ds.add(DataElement(0x0008002A, "DT", value, validation_mode=0))

    made = by(frozenset({Option.SHIFTED_DATES})).deidentified(ds)

    assert value not in {made.StudyDate, made.get("AcquisitionDateTime")} - {"", None} or not value


@pytest.mark.parametrize(
    ("age", "kept"), [("042Y", "042Y"), ("097Y", "090Y"), ("011W", "011W"), ("Quix", None)]
)
def test_an_age_stays_with_its_option_and_the_oldest_are_all_ninety(age, kept):
    ds = Dataset()
    ds.add(DataElement(0x00101010, "AS", age, validation_mode=0))

    assert by(frozenset({Option.PATIENT})).deidentified(ds).get("PatientAge") in (kept, kept or "")
    assert "PatientAge" not in by().deidentified(ds)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Left knee, lateral", "Left knee lateral"),
        ("Chest of Quixotina Zebrowska-Okonjo 09.03.1957", "Chest of"),
        ("of Dr. White Blood, liver", "of liver"),
        ("MRN-66173399", ""),
        ("Mr Brown Long left kidney", "left kidney"),
        ("number 555 0100, liver", "number liver"),
    ],
)
def test_of_a_description_only_words_stay_that_name_nobody(text, kept):
    assert cleaned_text(text) == kept


def test_a_word_that_is_also_a_name_in_the_data_set_goes_from_its_descriptions():
    ds = Dataset()
    ds.PatientName, ds.SeriesDescription = "Kidney^Left", "right kidney lower"

    made = by(frozenset({Option.DESCRIPTORS})).deidentified(ds)

    assert made.SeriesDescription == "right lower"


def test_a_code_that_nobody_can_look_up_is_free_text_and_goes():
    ds = Dataset()
    items = []
    for scheme in ("SCT", "99CLINIC"):
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = "1", scheme, "Kidney"
        items.append(item)
    ds.AnatomicRegionSequence = items

    made = by().deidentified(ds)

    assert [i.CodingSchemeDesignator for i in made.AnatomicRegionSequence] == ["SCT"]


def test_a_name_in_a_value_that_may_otherwise_stay_goes():
    ds = Dataset()
    ds.PatientName, ds.Manufacturer = "Okonjo^Ada", "Maker of Okonjo's"
    ds.InstitutionName = "Clinic Ada"

    made = by(frozenset({Option.INSTITUTION})).deidentified(ds)

    assert made["Manufacturer"].is_empty
    assert made["InstitutionName"].is_empty
    ds.PatientName = "Zebrowska"
    made = by(frozenset({Option.INSTITUTION})).deidentified(ds)
    assert (made.Manufacturer, made.InstitutionName) == ("Maker of Okonjo's", "Clinic Ada")


def test_a_patient_has_one_number_in_a_project_however_the_name_is_spelt():
    first = Pseudonyms(KEY, "p").patient(PatientRef("7", "Ada"))

    assert first == Pseudonyms(KEY, "p").patient(PatientRef("7", "Ada Okonjo"))
    assert first != Pseudonyms(KEY, "p").patient(PatientRef("7", "Ada", issuer="other"))
    assert first != Pseudonyms(KEY, "q").patient(PatientRef("7", "Ada"))


def test_dates_cannot_both_stay_and_be_shifted():
    with pytest.raises(OptionsRefusedError):
        Confidentiality("p", frozenset({Option.DATES, Option.SHIFTED_DATES}))


def test_a_file_has_an_empty_preamble_and_is_read_back_the_same():
    made = whole(by().deidentified(everything()))

    content = part_10(made)

    assert content[:132] == b"\0" * 128 + b"DICM"
    read = dcmread(io.BytesIO(content))
    assert read.file_meta.MediaStorageSOPInstanceUID == read.SOPInstanceUID
    assert {e.keyword for e in read.file_meta} == {
        "FileMetaInformationGroupLength", "FileMetaInformationVersion",
        "MediaStorageSOPClassUID", "MediaStorageSOPInstanceUID", "TransferSyntaxUID",
        "ImplementationClassUID", "ImplementationVersionName"}  # fmt: skip
    assert read.PatientName == made.PatientName
    assert annex_e.is_listed(read["PatientName"].tag)


def with_private(cleaned):
    def kept(self, ds):
        made = cleaned(self, ds)
        for element in ds:
            if element.tag.is_private:
                made.add(element)
        return made

    return kept


def with_one_more(action):
    return lambda tag, vr, o: Action.KEEP if tag == 0x00081048 else action(tag, vr, o)


def as_broken(build: str, patch: pytest.MonkeyPatch) -> None:
    """Break the profile in one way."""
    cleaning = profile._Cleaning
    if build == "keeps one attribute":
        patch.setattr(profile, "action_for", with_one_more(profile.action_for))
        patch.setattr(profile.Identity, "is_in", lambda _self, _text: False)
    if build == "keeps private attributes":
        patch.setattr(cleaning, "cleaned", with_private(cleaning.cleaned))
    if build == "keeps uids":
        patch.setattr(cleaning, "_renumbered", lambda _self, element, _ds: element.value)
    if build == "skips nested items":
        patch.setattr(cleaning, "_items", lambda _self, element: element.value)
    if build == "keeps what it does not know":
        known = frozenset(element.tag for element in everything().iterall())
        patch.setattr(annex_e, "_allowed", lambda: known)


def is_sound() -> bool:
    """Return whether the basic profile does what the tests above ask for."""
    made = by().deidentified(everything())
    wrong = [
        row["tag"]
        for row in ROWS
        for where, ds in (("top", made), ("nested", nested_in(made)))
        if not is_met_in(row, ds, expected(row, frozenset()), where)
    ]
    unknown = [e.tag for e in made.iterall() if e.tag.is_private or e.tag == 0x00187001]
    return not wrong and not unknown and not sum(hits(part_10(whole(made))).values())


def test_a_sound_profile_passes_what_catches_the_broken_ones():
    assert is_sound()


@pytest.mark.parametrize(
    "build",
    ["keeps one attribute", "keeps private attributes", "keeps uids", "skips nested items",
     "keeps what it does not know"],
)  # fmt: skip
def test_a_broken_profile_is_caught(monkeypatch, build):
    as_broken(build, monkeypatch)

    assert not is_sound()
