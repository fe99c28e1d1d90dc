"""`edge-app user into-tpm` and what a clinic sees of its TPM, with swtpm."""

from dataclasses import replace

import pytest

from tests.tpm_peer import SoftTpm, need_soft_tpm

WORDS = "correct horse battery"


@pytest.fixture
def tpm():
    need_soft_tpm()
    made = SoftTpm().start()
    yield made
    made.remove()


@pytest.fixture
def clinic(program, tmp_path):
    """A device without a TPM that Amina set up; `who` is Amina."""
    words = tmp_path / "Amina.txt"
    words.write_text(f"{WORDS}\n", "utf-8")
    key = ("--recovery-key-out", tmp_path / "key")
    assert program("user", "setup", "Amina", "--passphrase-file", words, *key).status == 0
    return program, ("Amina", words), tmp_path


def device_files(program):
    return sorted(p.name for p in (program.home / "data").glob("device.*"))


def examined(program):
    """Return what the doctor says, by its ids, of a device without detectors."""
    said = program("doctor", "--json", packages=program.home)
    return {check["id"]: check for check in said.answer["checks"]}


def test_an_administrator_moves_the_secret_and_everybody_logs_in_as_before(clinic, tpm):
    program, who, _ = clinic
    here = replace(program, tpm=tpm.tcti)

    moved = here("user", "into-tpm", who=who)

    assert (moved.status, device_files(here)) == (0, ["device.auth", "device.tpm"])
    assert here("user", "list", who=who).status == 0
    gone = program("user", "list", who=who)
    assert (gone.status, gone.err[:7]) == (1, "KEY-007")
    assert "nothing was changed" in gone.err
    events = here("audit", "list", "--json", who=who).out
    assert "device's secret into the TPM" in events


def test_without_a_tpm_nothing_is_moved(clinic):
    program, who, _ = clinic

    refused = program("user", "into-tpm", who=who)

    assert (refused.status, refused.err[:7]) == (1, "KEY-007")
    assert device_files(program) == ["device.secret"]
    assert program("user", "list", who=who).status == 0


def test_without_its_tools_a_tpm_is_not_used_and_that_is_said(clinic, tpm, monkeypatch):
    program, who, _ = clinic
    here = replace(program, tpm=tpm.tcti)
    monkeypatch.setenv("PATH", "/nowhere")

    refused = here("user", "into-tpm", who=who)

    assert "Install tpm2-tools." in refused.err
    assert here("user", "list", who=who).status == 0


def test_after_a_cleared_tpm_the_recovery_key_lets_back_in_on_the_command_line(clinic, tpm):
    program, who, tmp_path = clinic
    here = replace(program, tpm=tpm.tcti)
    assert here("user", "into-tpm", who=who).status == 0
    tpm.clear()

    lost = here("user", "list", who=who)
    sick = examined(here)
    given = ("--passphrase-file", who[1], "--recovery-key-file", tmp_path / "key")
    back = here("user", "recover", "Amina", *given, "--recovery-key-out", tmp_path / "next")
    well = examined(here)

    assert (lost.status, lost.err[:7]) == (1, "KEY-007")
    assert not sick["keys"]["ok"]
    assert back.status == 0, back.err
    assert here("user", "list", who=who).status == 0
    assert "sealed by this machine's TPM" in well["device-secret"]["found"]
