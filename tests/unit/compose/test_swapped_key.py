"""Another key in the folder of received images is refused, and stands in the audit."""

import json

import pytest

from edge_app.cli.program import run
from edge_app.compose.demo import DEMO_WORDS, demo_entrance
from edge_app.compose.devices import scanners
from edge_app.compose.open_store import SWAPPED_KEY
from edge_app.domain.audit import EventKind
from edge_app.domain.error import SwappedKeyError
from edge_app.settings import Settings
from tests.peers.dicom_clinic import a_peer, a_site


@pytest.fixture
def swapped(tmp_path):
    """A store, and a receiver's settings in whose folder lies the key of another store."""
    entrance, who = demo_entrance(Settings(tmp_path / "data", tmp_path))
    site = a_site(tmp_path / "site", a_peer(plain=True))
    (site.spool / "sealed-to.key").write_text(f"edge-app-sealed-box-1 {'ab' * 32}\n")
    return entrance, who, f"dicom:{site.settings}"


def test_a_swapped_key_is_in_the_audit_once_however_often_the_device_is_asked(swapped):
    entrance, who, name = swapped
    with entrance.store(who) as store:
        (receiver,) = scanners(
            [name], opens=store.opens_received, on_swapped=store.note_swapped_key
        )
        for _ in range(3):
            with pytest.raises(SwappedKeyError, match="another key"), receiver.open():
                pass
        alerts = [e for e in store._store.audit_events() if e.act == SWAPPED_KEY]

    assert [(e.kind, e.by) for e in alerts] == [(EventKind.SECURITY_ALERT, who.account.name)]


def test_the_command_line_writes_it_down_too(swapped, tmp_path, monkeypatch, capsys):
    _, who, name = swapped
    data = tmp_path / "data"
    monkeypatch.setenv("EDGE_APP_USER", who.account.name)
    monkeypatch.setenv("EDGE_APP_PASSPHRASE_FILE", str(data / DEMO_WORDS))
    place = ["--data-dir", str(data)]

    assert run(["devices", "capture", name, "--out", str(tmp_path / "out"), *place]) == 1
    assert "another key" in capsys.readouterr().err
    assert run(["audit", "list", "--json", *place]) == 0
    acts = [e["act"] for e in json.loads(capsys.readouterr().out)["events"]]
    assert acts.count(SWAPPED_KEY) == 1
