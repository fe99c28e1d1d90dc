"""Errors that a caller can act on: a code, what happened, what is safe, what to do now."""


class EdgeAppError(Exception):
    """Base of all errors that a person can do something about; everything else is a bug.

    Attributes:
        code: Short and stable, for a telephone call: letters, a dash, digits.
        what: What happened, in one sentence without names of patients.
        remedy: What to do now.
        safe: What is not lost.
    """

    code = "EDGE-000"
    safe = ""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        """Return one line: code, what happened, what is safe, what to do now."""
        said = (self.what, self.safe, self.remedy)
        return f"{self.code}: " + " ".join(sentence for sentence in said if sentence)


class ImageRefusedError(EdgeAppError):
    """A file or frame cannot be read as the image that it says it is."""

    code = "IMG-001"
    safe = "The file was not changed."


class NoImagesError(EdgeAppError):
    """A folder holds no file that could be an image."""

    code = "IMG-002"


class DetectorRefusedError(EdgeAppError):
    """A detector package is missing, damaged or not what it says it is."""

    code = "DET-001"
    safe = "Images can still be captured and saved; they stay not analysed."


class ReadingFailedError(EdgeAppError):
    """The detector gave no answer that can be trusted."""

    code = "DET-002"
    safe = "The image is saved; it stays not analysed."


class RuntimeStoppedError(ReadingFailedError):
    """The runtime gave up in the middle of a reading, for example for want of memory."""


class PoisonImageError(EdgeAppError):
    """Reading this image ended the detector's process twice; it is not tried again."""

    code = "DET-003"
    safe = "The image is saved; it stays not analysed. Other images are read as before."


class AnalysisOffError(EdgeAppError):
    """The detector's process ended too often; it stays off until a person starts it again."""

    code = "DET-004"
    safe = "Images can still be captured and saved; they stay not analysed."


class SettingsRefusedError(EdgeAppError):
    """The site's settings file is not valid, or asks for what may not be set."""

    code = "SET-001"
    safe = "Nothing was read with settings that nobody meant; studies are not affected."


class ScannerUnavailableError(EdgeAppError):
    """The device is missing, busy, or refused."""

    code = "DEV-001"
    safe = "Images captured before are saved."


class ScannerGoneError(ScannerUnavailableError):
    """The device is not held any more; only opening it again may bring it back."""


class SwappedKeyError(ScannerUnavailableError):
    """What it received may be readable for somebody else: another key was put into its folder."""


class NothingYetError(EdgeAppError):
    """The device is there and held, and has no new picture so far; ask again."""

    code = "DEV-002"
    safe = "Images captured before are saved."


class ListDamagedError(EdgeAppError):
    """The list of studies is damaged, or missing; what can be read of it can be salvaged."""


class NotSavedError(EdgeAppError):
    """The store could not make something durable."""

    code = "STO-001"
    safe = "Everything that was shown as saved before is safe."


class StudyUnknownError(EdgeAppError):
    """No study has this id."""

    code = "STO-002"


class StudyRemovedError(StudyUnknownError):
    """The study was here, and was removed by the site's retention rule."""

    code = "STO-011"


class StudyChangedError(EdgeAppError):
    """Somebody else changed the study since it was read."""

    code = "STO-003"
    safe = "The newer version is kept."


class StudyDamagedError(EdgeAppError):
    """An image or record of a study does not match its hash."""

    code = "STO-004"
    safe = "Other studies are not affected."


class StepRefusedError(EdgeAppError):
    """The study is not in the state that this step needs."""

    code = "STU-001"
    safe = "The study is unchanged."


class ExportFailedError(EdgeAppError):
    """A report or file could not be written."""

    code = "EXP-001"
    safe = "The study is unchanged and can be exported again."


class NotAllowedError(EdgeAppError):
    """The account has no right to do that."""

    code = "ACC-001"
    safe = "Nothing was changed."
