"""A picture of a study as DICOM: everything that the program knows of it."""

import hashlib
import io
from datetime import date, datetime

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, SecondaryCaptureImageStorage

from edge_app import __version__
from edge_app.domain.image import CapturedImage
from edge_app.domain.patient import PatientRef
from edge_app.domain.study import Study, StudyImage

_IMPLEMENTATION = "EDGE_APP"


def own_uid(identifier: str) -> UID:
    """Return the UID of something that the store knows by `identifier` (PS3.5, B.2)."""
    number = int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:16], "big")
    number = number & ~(0xF << 76) | 0x8 << 76  # RFC 9562: version 8
    return UID(f"2.25.{number & ~(0x3 << 62) | 0x2 << 62}")


def data_set_of(study: Study, record: StudyImage, image: CapturedImage) -> Dataset:
    """Return a saved picture with whose it is, when and where it was taken, uncompressed."""
    ds = description_of(study, record, image)
    _say_pixels(ds, image)
    return ds


def description_of(study: Study, record: StudyImage, image: CapturedImage) -> Dataset:
    """Return what is known of a saved picture, without its pixels."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    _say_patient(ds, study.patient, record.captured_at)
    _say_study(ds, study, image)
    _say_series(ds, study, record)
    _say_image(ds, study, record)
    return ds


def _say_patient(ds: Dataset, patient: PatientRef, at: datetime) -> None:
    ds.PatientName = patient.name.replace(" ", "^", 1)
    ds.PatientID, ds.IssuerOfPatientID = patient.identifier, patient.issuer
    born = patient.birth_date
    ds.PatientBirthDate = f"{born:%Y%m%d}" if born else ""
    ds.PatientSex = patient.sex if patient.sex in {"F", "M", "O"} else ""
    if born and born <= at.date():
        ds.PatientAge = _age(born, at.date())


def _age(born: date, day: date) -> str:
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return f"{min(years, 999):03d}Y" if years else f"{(day - born).days // 7:03d}W"


def _say_study(ds: Dataset, study: Study, image: CapturedImage) -> None:
    belongs = image.belongs
    ds.StudyInstanceUID = (belongs.study_uid if belongs else "") or own_uid(study.study_id)
    ds.AccessionNumber = belongs.accession if belongs else ""
    ds.StudyID = study.study_id[:16]
    ds.StudyDate, ds.StudyTime = _moment(study.started_at)
    ds.ReferringPhysicianName = ""


def _say_series(ds: Dataset, study: Study, record: StudyImage) -> None:
    ds.Modality = "OT"
    ds.SeriesInstanceUID = own_uid(f"{study.study_id} series {record.device_id}")
    ds.SeriesNumber = 1 + sorted({i.device_id for i in study.images}).index(record.device_id)
    reading = study.readings.get(record.image_id)
    if reading:
        ds.SeriesDescription = reading.detector
    ds.Manufacturer, ds.SoftwareVersions = "edge-app", __version__
    ds.StationName, ds.DeviceSerialNumber = record.device_id[:16], record.device_id[:64]
    if study.signature:
        ds.PhysiciansOfRecord = study.signature.signed_by.replace(" ", "^", 1)


def _say_image(ds: Dataset, study: Study, record: StudyImage) -> None:
    ds.SOPClassUID = SecondaryCaptureImageStorage
    ds.SOPInstanceUID = own_uid(record.image_id)
    ds.ConversionType = "DI"
    ds.ImageType = ["ORIGINAL", "SECONDARY"]
    ds.InstanceNumber = 1 + [i.image_id for i in study.images].index(record.image_id)
    ds.PatientOrientation = ds.Laterality = ""
    ds.ContentDate, ds.ContentTime = _moment(record.captured_at)
    ds.AcquisitionDateTime = f"{record.captured_at:%Y%m%d%H%M%S.%f%z}"
    if record.spacing_mm:
        ds.PixelSpacing = [f"{spacing:.10g}" for spacing in record.spacing_mm]


def _moment(at: datetime) -> tuple[str, str]:
    return f"{at:%Y%m%d}", f"{at:%H%M%S.%f}"


def _say_pixels(ds: Dataset, image: CapturedImage) -> None:
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.PlanarConfiguration = 3, "RGB", 0
    ds.Rows, ds.Columns = image.height, image.width
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    content = image.pixels.tobytes()
    ds.PixelData = content + b"\0" * (len(content) % 2)


def part_10(ds: Dataset) -> bytes:
    """Return the file (PS3.10) of an uncompressed data set; its preamble is zeros."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = own_uid(_IMPLEMENTATION)
    meta.ImplementationVersionName = f"{_IMPLEMENTATION}_{__version__}"[:16]
    ds.file_meta = meta
    content = io.BytesIO()
    ds.save_as(content, enforce_file_format=True)
    return content.getvalue()
