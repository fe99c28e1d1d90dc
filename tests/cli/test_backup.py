"""The drill: back up, lose everything, restore on another device by the recovery key."""

import shutil


def test_a_store_that_was_lost_is_restored_on_another_device_by_the_recovery_key(program, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("correct horse battery\n")
    key, medium, amina = tmp_path / "key", tmp_path / "medium", ("Amina", words)
    given = ("--passphrase-file", words)
    program("user", "setup", "Amina", *given, "--recovery-key-out", key)
    medium.mkdir()
    copied = program("backup", "--to", medium, "--json", "--quiet", who=amina)
    events = program("audit", "list", "--json", who=amina).answer["events"]
    shutil.rmtree(tmp_path / "home" / "data")

    restored = program(
        "restore", "Amina", "--from", medium, "--recovery-key-file", key, *given,
        "--recovery-key-out", tmp_path / "next", "--json", "--quiet",
    )  # fmt: skip
    after = program("audit", "list", "--json", who=amina).answer["events"]

    assert (copied.status, restored.status) == (0, 0), restored.err
    assert ("Amina", "back up") in [(e["by"], e["act"]) for e in events]
    assert after[: copied.answer["studies"] + 1] == events[: copied.answer["studies"] + 1]
    assert "recovery key used" in [e["act"] for e in after]
    assert program("audit", "verify", who=amina).status == 0
    assert program("study", "check", who=amina).status == 0


def test_a_wrong_recovery_key_restores_nothing(program, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("correct horse battery\n")
    (tmp_path / "medium").mkdir()
    given = ("--passphrase-file", words)
    for name in ("first", "second"):
        data = ("--data-dir", tmp_path / name)
        program(
            "user", "setup", "Amina", *given, "--recovery-key-out", tmp_path / f"{name}.key", *data
        )
    data = ("--data-dir", tmp_path / "first")
    program("backup", "--to", tmp_path / "medium", *data, who=("Amina", words))

    refused = program(
        "restore", "Amina", "--from", tmp_path / "medium", *given,
        "--recovery-key-file", tmp_path / "second.key", "--data-dir", tmp_path / "new",
    )  # fmt: skip

    assert (refused.status, refused.err.strip()[:7]) == (1, "KEY-001")
    assert not (tmp_path / "new").exists()


def test_a_medium_without_a_copy_is_refused(program, tmp_path):
    refused = program("restore", "Amina", "--from", tmp_path)

    assert (refused.status, refused.err[:7]) == (1, "BAK-002")
