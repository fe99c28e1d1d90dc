"""The receiver's settings are strict: off, TLS, and only who is listed."""

from pathlib import Path

import pytest

from edge_app.domain.error import ScannerUnavailableError
from hardware.dicom_receiver.settings import settings_from

GOOD = """
ae_title = "EDGEAPP"
spool = "spool"
certificate = "own.crt"
key = "own.key"
authorities = "ca.pem"
listening = true

[[peers]]
name = "Ultrasound 2"
ae_title = "US2"
address = "192.0.2.7"
fingerprint = "{fingerprint}"
""".format(fingerprint="0a" * 32)


def written(folder: Path, text: str) -> Path:
    path = folder / "receiver.toml"
    path.write_text(text)
    return path


def test_settings_are_read_with_paths_from_their_own_folder(tmp_path: Path) -> None:
    settings = settings_from(written(tmp_path, GOOD))

    assert settings.spool == str(tmp_path / "spool")
    assert settings.authorities == str(tmp_path / "ca.pem")
    assert settings.has_tls
    assert [peer.name for peer in settings.at("192.0.2.7")] == ["Ultrasound 2"]
    assert settings.at("192.0.2.8") == ()


def test_a_receiver_is_off_unless_it_is_switched_on(tmp_path: Path) -> None:
    settings = settings_from(written(tmp_path, GOOD.replace("listening = true\n", "")))

    assert not settings.listening


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ('name = "Ultrasound 2"', 'name = "U"\nbogus = 1', "bogus"),
        ("listening = true", 'listening = "yes"', "listening"),
        ('address = "192.0.2.7"', 'address = "192.0.2"', "IP address"),
        ('address = "192.0.2.7"', 'address = "::ffff:192.0.2.7"', "IP address"),
        ('address = "192.0.2.7"', 'address = "192.0.2.0/24"', "IP address"),
        ('ae_title = "US2"', 'ae_title = "A TITLE FAR TOO LONG"', "ae_title"),
        ('ae_title = "US2"', 'ae_title = ""', "ae_title"),
        ('fingerprint = "', 'fingerprint = "zz', "fingerprint"),
        ('fingerprint = "' + "0a" * 32 + '"', "", "either a fingerprint, or plain"),
        ('name = "Ultra', 'plain = true\nname = "Ultra', "either a fingerprint, or plain"),
        ('key = "own.key"', "", "TLS needs"),
        (GOOD[GOOD.index("[[peers]]") :], "", "nobody may send"),
        ("listening = true", "listening = true\nport = 0", "port"),
    ],
)
def test_settings_that_nobody_can_mean_are_refused(
    tmp_path: Path, good: str, bad: str, words: str
) -> None:
    assert good in GOOD
    with pytest.raises(ScannerUnavailableError, match=words):
        settings_from(written(tmp_path, GOOD.replace(good, bad)))


def test_one_address_is_not_both_plain_and_with_tls(tmp_path: Path) -> None:
    plain = '[[peers]]\nname = "Old"\nae_title = "OLD"\naddress = "192.0.2.7"\nplain = true\n'
    with pytest.raises(ScannerUnavailableError, match="one without"):
        settings_from(written(tmp_path, GOOD + plain))


def test_a_peer_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailableError, match="twice"):
        settings_from(written(tmp_path, GOOD + GOOD[GOOD.index("[[peers]]") :]))


def test_settings_that_are_not_there_are_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(ScannerUnavailableError, match="cannot be read"):
        settings_from(tmp_path / "none.toml")
