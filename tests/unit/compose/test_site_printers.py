"""Which printers a site has; a report never crosses the network in clear unasked."""

import pytest

from edge_app.compose.site_printers import known_printers, printers_in
from edge_app.domain.error import SettingsRefusedError

PIN = "ab" * 32


def _with(folder, *lines):
    (folder / "printers.toml").write_text("[[printer]]\n" + "\n".join(lines) + "\n")
    return folder


def test_printers_are_known_by_name_in_their_order(tmp_path):
    _with(
        tmp_path,
        'name = "Ward"\nuri = "ipp://localhost/printers/ward"\n[[printer]]',
        f'name = "Office"\nuri = "ipps://10.0.0.9/ipp/print"\nfingerprint = "{PIN}"\n[[printer]]',
        'name = "Old"\nuri = "ipp://10.0.0.8/ipp"\nplain = true',
    )

    assert list(printers_in(tmp_path)) == ["Ward", "Office", "Old"]
    assert printers_in(tmp_path)["Office"].fingerprint == PIN


@pytest.mark.parametrize(
    "lines",
    [
        'name = "A"\nuri = "ipp://10.0.0.8/ipp"',
        'name = "A"\nuri = "ipp://printer.local/ipp"',
        'name = "A"\nuri = "ipps://10.0.0.8/ipp"',
        f'name = "A"\nuri = "ipps://10.0.0.8/ipp"\nfingerprint = "{PIN[:-1]}"',
        'name = "A"\nuri = "http://localhost/ipp"',
        'name = "A"\nuri = "file:///etc/passwd"',
        'name = "A"\nuri = "ipp:///ipp"',
        'name = "A"\nuri = "ipp://localhost:99999/ipp"',
        'name = ""\nuri = "ipp://localhost/ipp"',
        'name = "A"\nuri = "ipp://localhost/1"\n[[printer]]\nname = "A"\nuri = "ipp://localhost/2"',
        'name = "A"\nuri = "ipp://localhost/ipp"\ncolour = true',
        "name = 1",
        "nothing",
    ],
)
def test_what_is_not_sound_is_refused_whole_and_nothing_is_printed(tmp_path, lines):
    _with(tmp_path, lines)

    with pytest.raises(SettingsRefusedError):
        printers_in(tmp_path)
    assert known_printers(tmp_path) == {}


def test_without_the_file_there_is_no_printer(tmp_path):
    assert printers_in(tmp_path) == {}
