"""Ways around the count of wrong passphrases; each is tried, and none gives one more guess.

One is not kept out, and is tried too, so that nobody believes otherwise: both files put back from
one older copy while no program runs.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge_app.compose.entrance import Entrance
from edge_app.domain.error import EdgeAppError
from edge_app.settings import Settings
from edge_app.storage import attempts, key_slots
from edge_app.storage.attempts import ATTEMPTS_FILES, TooManyTriesError
from edge_app.storage.key_slots import Cost, LockedError

NAME, WORDS, WRONG = "Amina", "correct horse battery", "some other words"
FREE = 5
RUNNING_TIME = attempts.boot_clock_s


class Machine:
    """A machine that was set up, the clocks that somebody can reach, and a guesser."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(key_slots, "measured_cost", lambda: Cost(64, 1, 1))
        self.patch, self.running_s, self.boot = monkeypatch, RUNNING_TIME(), "boot-1"
        monkeypatch.setattr(attempts, "boot_clock_s", lambda: self.running_s)
        monkeypatch.setattr(attempts, "boot_id", lambda: self.boot)
        self.data, self.beside = folder / "data", folder / "beside"
        self.settings = Settings(self.data, folder)
        self.entrance = Entrance(self.settings)
        self.entrance.set_up(NAME, WORDS)
        shutil.copytree(self.data, self.beside)

    def restart(self) -> None:
        self.entrance = Entrance(self.settings)

    def is_looked_at(self, words: str = WRONG, name: str = NAME) -> bool:
        """Guess once; return whether the guess was answered."""
        try:
            self.entrance.log_in(name, words)
        except TooManyTriesError:
            return False
        except LockedError as error:
            return "not the passphrase" in error.what
        return True

    def used_up(self) -> "Machine":
        assert [self.is_looked_at() for _ in range(FREE)] == [True] * FREE
        assert not self.is_looked_at()
        return self

    def put_back(self, *names: str) -> None:
        for name in names:
            shutil.copyfile(self.beside / name, self.data / name)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    return Machine(tmp_path, monkeypatch)


def a_restart_of_the_program(machine: Machine) -> None:
    machine.restart()


def the_clock_forward(machine: Machine) -> None:
    machine.patch.setattr(attempts, "boot_clock_s", RUNNING_TIME)
    machine.patch.setattr(time, "time", lambda: 4e9)
    machine.restart()


def the_clock_back(machine: Machine) -> None:
    machine.patch.setattr(attempts, "boot_clock_s", RUNNING_TIME)
    machine.patch.setattr(time, "time", lambda: 0.0)
    machine.restart()


def a_restart_of_the_machine(machine: Machine) -> None:
    machine.boot, machine.running_s = "boot-2", 5.0
    machine.restart()


def one_file_deleted(machine: Machine) -> None:
    (machine.data / ATTEMPTS_FILES[0]).unlink()
    machine.restart()


def both_files_deleted(machine: Machine) -> None:
    for name in ATTEMPTS_FILES:
        (machine.data / name).unlink()
    machine.restart()


def one_file_put_back(machine: Machine) -> None:
    machine.put_back(ATTEMPTS_FILES[1])
    machine.restart()


def both_files_put_back_under_a_running_program(machine: Machine) -> None:
    machine.put_back(*ATTEMPTS_FILES)


def the_count_edited(machine: Machine) -> None:
    for name in ATTEMPTS_FILES:
        code, _, content = (machine.data / name).read_bytes().partition(b"\n")
        assert b'"wrong":5' in content
        edited = content.replace(b'"wrong":5', b'"wrong":0')
        (machine.data / name).write_bytes(code + b"\n" + edited)
    machine.restart()


def the_files_of_another_device(machine: Machine) -> None:
    other = machine.data.parent / "other"
    Entrance(Settings(other, other)).set_up(NAME, WORDS)
    for name in ATTEMPTS_FILES:
        shutil.copyfile(other / name, machine.data / name)
    machine.restart()


def the_database_and_the_keys_swapped(machine: Machine) -> None:
    machine.put_back("studies.db", "keys.json", "keys.copy.json")
    machine.restart()


TRICKS = [
    a_restart_of_the_program,
    the_clock_forward,
    the_clock_back,
    a_restart_of_the_machine,
    one_file_deleted,
    both_files_deleted,
    one_file_put_back,
    both_files_put_back_under_a_running_program,
    the_count_edited,
    the_files_of_another_device,
    the_database_and_the_keys_swapped,
]


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_gives_one_more_guess(machine: Machine, trick: Callable[[Machine], None]) -> None:
    machine.used_up()
    trick(machine)

    assert not machine.is_looked_at()
    assert not machine.is_looked_at(WORDS)


GUESSER = """
import sys, time
from pathlib import Path
from edge_app.storage import attempts
from edge_app.storage.attempts import Attempts, TooManyTriesError
from edge_app.storage.device_secret import DeviceSecret
folder = Path(sys.argv[1])
counting = Attempts(folder, DeviceSecret(folder, "").known)
attempts.boot_id = lambda: time.sleep(0.3) or "now"  # between reading the count and writing it
print("ready", flush=True)
sys.stdin.readline()
for _ in range(5):
    try:
        counting.begin("Amina")
    except TooManyTriesError:
        break
    print("looked", flush=True)
"""


def test_programs_that_guess_at_once_have_no_more_guesses_than_one(machine: Machine) -> None:
    guessers = [
        subprocess.Popen(
            [sys.executable, "-c", GUESSER, str(machine.data)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for guesser in guessers:
        assert guesser.stdout.readline() == "ready\n"
    for guesser in guessers:
        guesser.stdin.write("\n")
        guesser.stdin.flush()
    said = "".join(guesser.communicate(timeout=60)[0] for guesser in guessers)

    assert said.count("looked") == FREE
    assert {guesser.returncode for guesser in guessers} == {0}


def test_whoever_is_killed_between_the_count_and_the_look_has_used_up_the_guess(
    machine: Machine,
) -> None:
    for _ in range(FREE):
        child = os.fork()
        if child == 0:
            key_slots.KeySlots.opened = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
            machine.is_looked_at()
            os._exit(0)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL

    assert not machine.is_looked_at(WORDS)


@pytest.mark.parametrize("name", ["amina", "Amina ", "AMINA", "Ami\u200bna", ""])
def test_another_spelling_of_the_name_is_nobody_and_is_not_looked_at(machine, name) -> None:
    assert not machine.is_looked_at(WORDS, name)


def test_a_disk_that_cannot_be_written_answers_no_guess(machine: Machine, monkeypatch) -> None:
    def refuses(*_args: object) -> None:
        raise PermissionError(30, "Read-only file system")

    monkeypatch.setattr(attempts, "write_whole", refuses)

    with pytest.raises(EdgeAppError, match="cannot be written"):
        machine.entrance.log_in(NAME, WORDS)


def test_what_remains_both_files_put_back_while_no_program_runs_gives_five_more(
    machine: Machine,
) -> None:
    """It wants write access to the disk; whoever has that can guess on a copy of it."""
    machine.used_up()
    machine.put_back(*ATTEMPTS_FILES)
    machine.restart()

    assert [machine.is_looked_at() for _ in range(FREE + 1)] == [True] * FREE + [False]


def test_after_the_wait_the_right_passphrase_opens_as_before(machine: Machine) -> None:
    both_files_deleted(machine.used_up())
    assert not machine.is_looked_at(WORDS)
    machine.running_s += 3601

    assert machine.is_looked_at(WORDS)
    assert machine.is_looked_at(WORDS)
