"""The language to begin with, from the command line, the machine, the site and the system."""

from pathlib import Path

from edge_app.domain.error import SettingsRefusedError
from edge_app.inference.site_tuning import site_tuning
from edge_app.languages import choice
from edge_app.languages.catalogue import ENGLISH, Catalogue, catalogue
from edge_app.settings import Settings


def tongue_for(settings: Settings, asked: str = "") -> choice.Tongue:
    """Return the language to begin with; what was asked for comes first.

    Raises:
        SettingsRefusedError: The site's settings are not valid.
    """
    return choice.tongue_for(asked, settings.data_dir, site_tuning(settings).language)


def paper_words(folder: Path) -> Catalogue:
    """Return what the reports of the store in `folder` are written in, now.

    English where the language of this machine cannot be set in type yet (decision 40), or where
    the site's settings are refused: that is told elsewhere, and must not cost a report.
    """
    try:
        spoken = tongue_for(Settings(folder, folder)).catalogue
    except SettingsRefusedError:
        return catalogue(ENGLISH)
    return spoken if spoken.is_set_in_type else catalogue(ENGLISH)
