"""Where a study is on its path, and what is being done beside the window."""

from enum import Enum


class Step(Enum):
    """Where on the path a study is shown."""

    PATIENT = "patient"
    CAPTURE = "capture"
    READ = "read"
    REVIEW = "review"
    SIGN = "sign"


class Activity(Enum):
    """What is being done beside the window."""

    NONE = "none"
    OPENING = "opening"
    STARTING = "starting"
    SAVING = "saving"
    READING = "reading"
    SIGNING = "signing"
