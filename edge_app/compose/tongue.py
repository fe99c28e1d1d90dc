"""The language to begin with, from the command line, the machine, the site and the system."""

from edge_app.inference.site_tuning import site_tuning
from edge_app.languages import choice
from edge_app.settings import Settings


def tongue_for(settings: Settings, asked: str = "") -> choice.Tongue:
    """Return the language to begin with; what was asked for comes first.

    Raises:
        SettingsRefusedError: The site's settings are not valid.
    """
    return choice.tongue_for(asked, settings.data_dir, site_tuning(settings).language)
