"""The device's secret in a TPM 2 (swtpm): what opens it, what does not, and the way back."""

import base64
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from dataclasses import replace
from pathlib import Path

import pytest

from edge_app import settings
from edge_app.compose.doctor_device_secret import device_secret_state
from edge_app.compose.entrance import Entrance
from edge_app.domain.account import Account, Role
from edge_app.domain.error import NotAllowedError
from edge_app.settings import Settings
from edge_app.storage import key_slots
from edge_app.storage.attempts import ATTEMPTS_FILES, TooManyTriesError
from edge_app.storage.device_secret import AUTH, PLAIN, SEALED, DeviceSecret, Place
from edge_app.storage.key_slots import Cost, KeysDamagedError, KeySlots, LockedError
from edge_app.storage.tpm import Tpm, TpmLockedOutError, TpmRefusedError
from tests.tpm_peer import SoftTpm, need_soft_tpm, spied_tools

WORDS, OTHER, NEW = "correct horse battery", "another four plain words", "some other long words"


@pytest.fixture(autouse=True)
def cheap_guesses(monkeypatch):
    monkeypatch.setattr(key_slots, "measured_cost", lambda: Cost(64, 1, 1))


@pytest.fixture
def tpms():
    """Make TPMs; each is another one."""
    need_soft_tpm()
    made = []

    def another():
        made.append(SoftTpm().start())
        return made[-1]

    yield another
    for tpm in made:
        tpm.remove()


@pytest.fixture
def tpm(tpms):
    return tpms()


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def place(tmp_path, tpm):
    return Settings(tmp_path / "data", tmp_path, tpm=tpm.tcti)


def set_up(place):
    """Set up with two accounts; return the recovery key."""
    entrance = Entrance(place)
    who, key = entrance.set_up("Amina", WORDS)
    with entrance.store(who) as store:
        store.add(Account("Baraka", frozenset({Role.OPERATOR})), OTHER)
    return key


def opens(place, name="Amina", words=WORDS):
    return Entrance(place).log_in(name, words).account.name == name


def files(place):
    return {p.name for p in place.data_dir.glob("device.*")}


def in_file(place):
    """Set up as on a machine without a TPM; return the recovery key and the secret."""
    key = set_up(replace(place, tpm=""))
    return key, (place.data_dir / PLAIN).read_bytes()


def recovered(place, key):
    """Let Amina in by the recovery key; she gives Baraka a passphrase; both open what was there."""
    entrance = Entrance(place)
    who, _ = entrance.recover(key, "Amina", NEW)
    with pytest.raises((LockedError, TooManyTriesError)):
        opens(place, "Baraka", OTHER)
    with entrance.store(who) as store:
        assert [a.name for a in store.accounts()] == ["Amina", "Baraka"]
        store.change_passphrase("Baraka", OTHER)
    return opens(place, "Amina", NEW) and opens(place, "Baraka", OTHER)


def test_a_machine_with_a_tpm_seals_the_secret_from_the_first_day_on(place, tpm):
    set_up(place)

    assert files(place) == {SEALED, AUTH}
    assert opens(place)
    assert opens(place, "Baraka", OTHER)
    tpm.stop()
    tpm.start()
    assert opens(place)


@pytest.mark.parametrize(
    ("named", "at", "reached"),
    [
        (None, "/dev/null", "device:/dev/null"),
        (None, "/dev/none", ""),
        ("", "/dev/null", ""),
        ("tabrmd", "/dev/null", "tabrmd"),
    ],
)
def test_the_tpm_of_the_machine_is_used_unless_another_one_or_none_is_named(
    monkeypatch, named, at, reached
):
    monkeypatch.setattr(settings, "_TPM", Path(at))
    monkeypatch.delenv("EDGE_APP_TPM", raising=False)
    if named is not None:
        monkeypatch.setenv("EDGE_APP_TPM", named)

    assert settings.settings_from(None).tpm == reached


def test_a_machine_without_a_tpm_keeps_the_secret_in_a_file(tmp_path):
    place = Settings(tmp_path / "data", tmp_path)
    set_up(place)

    assert files(place) == {PLAIN}
    assert opens(place)


def test_one_log_in_asks_the_tpm_once(place, tmp_path, temporary, monkeypatch):
    set_up(place)
    notes = tmp_path / "notes"
    monkeypatch.setenv("PATH", spied_tools(tmp_path / "spies", notes, temporary))
    entrance = Entrance(place)
    with entrance.store(entrance.log_in("Amina", WORDS)) as store:
        store.set_pin("4711")
        store.come_back("4711")

    assert notes.read_bytes().count(b"tpm2_unseal\n-T\n") == 1


def test_the_tpm_locks_itself_after_five_wrong_values_even_for_the_right_one(tpm):
    tpm.limit(5)
    here, secret, auth = Tpm(tpm.tcti), os.urandom(32), os.urandom(32)
    sealed = here.sealed(secret, auth)
    assert here.opened(sealed, auth) == secret

    for _ in range(5):
        with pytest.raises(TpmRefusedError) as wrong:
            here.opened(sealed, os.urandom(32))
        assert wrong.value.code == "KEY-007"

    with pytest.raises(TpmLockedOutError):
        here.opened(sealed, auth)


def lock(tpm):
    tpm.limit(2)
    here = Tpm(tpm.tcti)
    sealed = here.sealed(b"x" * 32, b"y" * 32)
    for _ in range(3):
        with pytest.raises(TpmRefusedError):
            here.opened(sealed, b"z" * 32)


def test_a_tpm_that_locked_itself_is_said_and_the_recovery_key_still_opens(place, tpm):
    key = set_up(place)
    lock(tpm)

    with pytest.raises(TpmLockedOutError) as told:
        opens(place)
    assert told.value.code == "KEY-008"
    assert recovered(place, key)
    assert files(place) == {PLAIN, AUTH}


def test_a_tpm_that_was_cleared_costs_nothing_but_new_passphrases(place, tpm):
    key = set_up(place)
    tpm.clear()
    before = {p.name: p.read_bytes() for p in place.data_dir.iterdir() if p.is_file()}

    with pytest.raises(TpmRefusedError) as told:
        opens(place)
    assert told.value.code == "KEY-007"
    assert "user recover" in told.value.remedy
    assert {p.name: p.read_bytes() for p in place.data_dir.iterdir() if p.is_file()} == before
    assert recovered(place, key)
    assert files(place) == {SEALED, AUTH}


def test_another_tpm_opens_nothing_and_the_recovery_key_does(place, tpms):
    key = set_up(place)
    elsewhere = replace(place, tpm=tpms().tcti)

    with pytest.raises(TpmRefusedError):
        opens(elsewhere)
    assert opens(place)
    assert recovered(elsewhere, key)


@pytest.mark.parametrize("how", ["no TPM", "a TPM that does not answer"])
def test_a_copied_folder_opens_nothing_without_the_tpm(place, tmp_path, how):
    key = set_up(place)
    stolen = tmp_path / "stolen"
    shutil.copytree(place.data_dir, stolen)
    tcti = "" if how == "no TPM" else f"swtpm:path={tmp_path}/none"
    copy = Settings(stolen, tmp_path, tpm=tcti)

    for name, words in (("Amina", WORDS), ("Baraka", OTHER)):
        with pytest.raises(TpmRefusedError):
            opens(copy, name, words)
    assert recovered(copy, key)
    assert opens(place)


def test_what_another_store_sealed_is_refused_before_the_tpm_counts_it(place, tmp_path, tpm):
    set_up(place)
    other = Settings(tmp_path / "other", tmp_path, tpm=tpm.tcti)
    set_up(other)
    own = {name: (place.data_dir / name).read_bytes() for name in (SEALED, AUTH, *ATTEMPTS_FILES)}

    shutil.copy(other.data_dir / SEALED, place.data_dir)
    with pytest.raises(KeysDamagedError, match="other studies"):
        opens(place)
    assert tpm.wrong_tries() == 0
    shutil.copy(other.data_dir / AUTH, place.data_dir)
    with pytest.raises((LockedError, TooManyTriesError)):
        opens(place)
    with pytest.raises(LockedError):
        KeySlots(place.data_dir, DeviceSecret(place.data_dir, place.tpm).known()).opened(
            "Amina", WORDS
        )
    for name, content in own.items():
        (place.data_dir / name).write_bytes(content)
    assert opens(place)


def test_moving_into_the_tpm_keeps_every_passphrase_and_leaves_no_file(place):
    _, secret = in_file(place)
    entrance = Entrance(place)
    entrance.move_secret_into_tpm(entrance.log_in("Amina", WORDS))

    assert files(place) == {SEALED, AUTH}
    assert DeviceSecret(place.data_dir, place.tpm).known() == secret
    assert opens(place, "Baraka", OTHER)
    entrance.move_secret_into_tpm(entrance.log_in("Amina", WORDS))
    assert opens(place)


def test_only_an_administrator_moves_the_secret(place):
    in_file(place)
    entrance = Entrance(place)

    with pytest.raises(NotAllowedError):
        entrance.move_secret_into_tpm(entrance.log_in("Baraka", OTHER))
    assert files(place) == {PLAIN}


@pytest.mark.parametrize("fault", ["locked", "gives something else back", "gone"])
def test_a_tpm_that_fails_while_it_is_moved_leaves_the_file(place, tpm, fault, tmp_path, request):
    _, secret = in_file(place)
    if fault == "locked":
        lock(tpm)
    elif fault == "gone":
        tpm.stop()
    else:
        liar = tmp_path / "liars" / "tpm2_unseal"
        liar.parent.mkdir()
        liar.write_text("#!/bin/sh\nprintf 12345678901234567890123456789012\n")
        liar.chmod(0o700)
        patched = request.getfixturevalue("monkeypatch")
        patched.setenv("PATH", f"{liar.parent}{os.pathsep}{os.environ['PATH']}")

    with pytest.raises(TpmRefusedError):
        DeviceSecret(place.data_dir, place.tpm).move_into_tpm()
    assert (place.data_dir / PLAIN).read_bytes() == secret
    assert not (place.data_dir / SEALED).exists()
    assert opens(place)


MOVER = """
import os, signal, sys
from pathlib import Path
from edge_app.storage import device_secret
from edge_app.storage.device_secret import DeviceSecret
left = int(sys.argv[3])
def deadly(step):
    def stepped(*given, **named):
        global left
        done = step(*given, **named)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    return stepped
device_secret.write_whole = deadly(device_secret.write_whole)
device_secret.sync_folder = deadly(device_secret.sync_folder)
Path.replace, Path.unlink = deadly(Path.replace), deadly(Path.unlink)
os.fsync = deadly(os.fsync)
DeviceSecret(Path(sys.argv[1]), sys.argv[2]).move_into_tpm()
"""


def moved_until(place, step):
    """Move the secret in a program that is killed after so many steps; return how it ended."""
    command = [sys.executable, "-c", MOVER, str(place.data_dir), place.tpm, str(step)]
    return subprocess.run(command, check=False, timeout=60).returncode


def test_killed_at_any_step_of_the_moving_the_secret_is_there(place, tpm):
    _, secret = in_file(place)
    step, killed = 0, 0
    while True:
        step += 1
        for name in files(place):
            (place.data_dir / name).unlink()
        (place.data_dir / PLAIN).write_bytes(secret)
        if moved_until(place, step) != -signal.SIGKILL:
            break
        killed += 1
        assert DeviceSecret(place.data_dir, place.tpm).known() == secret, f"step {step}"
        DeviceSecret(place.data_dir, place.tpm).move_into_tpm()
        assert files(place) == {SEALED, AUTH}, f"step {step}"
    assert killed >= 8
    assert opens(place)


def test_a_second_set_up_without_the_tpm_changes_nothing(place):
    set_up(place)
    before = (place.data_dir / SEALED).read_bytes()

    with pytest.raises(LockedError, match="set up before"):
        Entrance(replace(place, tpm="")).set_up("Somebody", WORDS)

    assert (place.data_dir / SEALED).read_bytes() == before
    assert files(place) == {SEALED, AUTH}
    assert opens(place)


def test_a_locked_tpm_at_the_set_up_does_not_keep_anybody_waiting(place, tpm):
    lock(tpm)
    set_up(place)

    assert files(place) == {PLAIN, AUTH}
    assert opens(place)
    assert "could seal it" in device_secret_state(place).found


def test_a_damaged_seal_is_said_and_the_recovery_key_opens(place, tpm):
    key = set_up(place)
    sealed = place.data_dir / SEALED
    sealed.write_bytes(sealed.read_bytes()[:-40])

    with pytest.raises(KeysDamagedError):
        opens(place)
    assert tpm.wrong_tries() == 0
    assert recovered(place, key)


def test_a_cut_file_with_the_secret_does_not_keep_the_recovery_key_out(tmp_path):
    place = Settings(tmp_path / "data", tmp_path)
    key = set_up(place)
    (place.data_dir / PLAIN).write_bytes(b"half")

    with pytest.raises(KeysDamagedError):
        opens(place)
    assert recovered(place, key)


def test_the_secret_is_in_no_command_no_environment_and_no_file(
    place, tmp_path, temporary, monkeypatch
):
    _, secret = in_file(place)
    notes = tmp_path / "notes"
    monkeypatch.setenv("PATH", spied_tools(tmp_path / "spies", notes, temporary))
    monkeypatch.setenv("TSS2_LOG", "all+trace")
    monkeypatch.setenv("TSS2_LOGFILE", str(tmp_path / "trace"))
    DeviceSecret(place.data_dir, place.tpm).move_into_tpm()
    assert DeviceSecret(place.data_dir, place.tpm).known() == secret
    auth, noted = (place.data_dir / AUTH).read_bytes(), notes.read_bytes()

    assert b"tpm2_unseal" in noted
    assert b"tpm2_create\n" in noted
    for hidden in (secret, auth):
        for form in (hidden, hidden.hex().encode(), base64.b64encode(hidden)):
            assert form.lower() not in noted.lower()
    assert secret not in b"".join(p.read_bytes() for p in place.data_dir.rglob("*") if p.is_file())
    assert b"primary" in noted
    assert not (tmp_path / "trace").exists()
    assert not list(temporary.iterdir())


def test_no_error_says_anything_of_the_secret(place, tpm, monkeypatch):
    set_up(place)
    here, secret, auth = Tpm(place.tpm), os.urandom(32), os.urandom(32)
    sealed, told = here.sealed(secret, auth), []
    for fault in ("cleared", "silent", "slow"):
        if fault == "cleared":
            tpm.clear()
        elif fault == "silent":
            tpm.stop()
        else:
            monkeypatch.setattr("edge_app.storage.tpm._LONGEST_S", 0.0)
        with pytest.raises(TpmRefusedError) as refused:
            here.opened(sealed, auth)
        told += traceback.format_exception(refused.value)
        assert refused.value.__cause__ is None

    said = "".join(told)
    assert all(hidden.hex() not in said and repr(hidden) not in said for hidden in (secret, auth))


def test_the_doctor_says_where_the_secret_lies_and_what_that_protects(place, tpm):
    in_file(place)
    before = device_secret_state(place)
    device = DeviceSecret(place.data_dir, place.tpm)
    device.move_into_tpm()
    tpm.limit(10)
    after = device_secret_state(place)
    (place.data_dir / PLAIN).write_bytes(device.known())
    both = device_secret_state(place)

    assert "into-tpm" in before.remedy
    assert "sealed by this machine's TPM" in after.found
    assert "not a machine that is stolen whole" in after.found
    assert "locks itself after 10 wrong values" in after.found
    assert after.remedy == ""
    assert device.place is Place.BOTH
    assert "into-tpm" in both.remedy
