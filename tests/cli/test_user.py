"""Accounts on the command line: who gets in, what they may do, and the way back in."""

import pytest

WORDS = {"Amina": "correct horse battery", "Baraka": "another four plain words"}


@pytest.fixture
def site(program, tmp_path):
    """A device that Amina set up; `as_(name)` says who asks."""

    def as_(name, words=""):
        file = tmp_path / f"{name}.txt"
        file.write_text(f"{words or WORDS[name]}\n", "utf-8")
        return name, file

    _, file = as_("Amina")
    done = program(
        "user", "setup", "Amina", "--passphrase-file", file, "--recovery-key-out", tmp_path / "key"
    )
    assert done.status == 0, done.err
    return program, as_, tmp_path


def add_baraka(site, *roles):
    program, as_, _ = site
    given = [part for role in roles for part in ("--role", role)]
    passphrase = ("--passphrase-file", as_("Baraka")[1])
    return program("user", "add", "Baraka", *given, *passphrase, who=as_("Amina"))


def test_the_first_account_administers_and_signs(site):
    program, as_, _ = site

    (first,) = program("user", "list", "--json", who=as_("Amina")).answer["accounts"]

    assert first == {"name": "Amina", "roles": ["administrator", "clinician"]}


def test_setting_up_twice_is_refused(site):
    program, as_, _ = site

    again = program(
        "user", "setup", "Mercy", "--passphrase-file", as_("Mercy", "four more words")[1]
    )

    assert (again.status, again.err[:7]) == (1, "KEY-001")


def test_an_operator_sees_studies_and_neither_accounts_nor_the_audit(site):
    program, as_, _ = site
    assert add_baraka(site, "operator").status == 0

    assert program("study", "list", who=as_("Baraka")).status == 0
    for command in (("user", "list"), ("audit", "list"), ("user", "recovery-key")):
        refused = program(*command, who=as_("Baraka"))
        assert (refused.status, refused.err[:7]) == (1, "ACC-001"), command


def test_a_technician_sees_no_patient_and_the_try_is_written_down(site):
    program, as_, _ = site
    add_baraka(site, "technician")

    refused = program("study", "list", "--json", who=as_("Baraka"))
    events = program("audit", "list", "--json", who=as_("Amina")).answer["events"]

    assert refused.answer["error"]["code"] == "ACC-001"
    assert ("Baraka", "refused: see studies", True) in [
        (e["by"], e["act"], e["is_refused"]) for e in events
    ]


def test_a_wrong_passphrase_is_refused_and_told_in_the_audit_of_the_next_log_in(site):
    program, as_, _ = site
    wrong = program("user", "list", who=as_("Amina", "some wrong words"))

    assert (wrong.status, wrong.err[:7]) == (1, "KEY-001")
    program("user", "list", who=as_("Amina"))
    events = program("audit", "list", "--json", who=as_("Amina")).answer["events"]
    assert "logged in after 1 wrong tries" in [e["act"] for e in events]


def test_the_sixth_guess_waits_in_whatever_process_it_comes(site):
    program, as_, _ = site
    for _ in range(5):
        program("user", "list", who=as_("Amina", "some wrong words"))

    refused = program("user", "list", who=as_("Amina"))

    assert (refused.status, refused.err[:7]) == (1, "KEY-004")


def test_the_recovery_key_lets_back_in_and_is_used_up(site):
    program, as_, tmp_path = site
    new = as_("Amina", "four entirely new words")
    given = ("--passphrase-file", new[1], "--recovery-key-file", tmp_path / "key")
    done = program("user", "recover", "Amina", *given, "--recovery-key-out", tmp_path / "next")
    again = program("user", "recover", "Amina", *given, "--recovery-key-out", tmp_path / "third")

    assert done.status == 0
    assert program("user", "list", who=new).status == 0
    assert program("user", "list", who=as_("Amina")).status == 1
    assert (again.status, again.err[:7]) == (1, "KEY-001")


def test_without_the_device_s_own_secret_only_the_recovery_key_opens(site):
    program, as_, tmp_path = site
    (tmp_path / "home" / "data" / "device.secret").unlink()

    lost = program("user", "list", who=as_("Amina"))
    given = ("--passphrase-file", as_("Amina")[1], "--recovery-key-file", tmp_path / "key")
    program("user", "recover", "Amina", *given, "--recovery-key-out", tmp_path / "next")

    assert (lost.status, lost.err[:7]) == (1, "KEY-002")
    assert program("user", "list", who=as_("Amina")).status == 0


def test_who_was_removed_is_out_and_the_last_administrator_stays(site):
    program, as_, _ = site
    add_baraka(site, "clinician")

    assert program("user", "remove", "Baraka", who=as_("Amina")).status == 0
    assert program("study", "list", who=as_("Baraka")).status == 1
    kept = program("user", "remove", "Amina", who=as_("Amina"))
    assert (kept.status, kept.err[:7]) == (1, "ACC-001")
    assert program("user", "roles", "Amina", "--role", "auditor", who=as_("Amina")).status == 1


def test_everybody_changes_their_own_passphrase_and_nobody_else_s(site):
    program, as_, tmp_path = site
    add_baraka(site, "operator")
    new = tmp_path / "new.txt"
    new.write_text("some other long words\n", "utf-8")

    own = program("user", "passphrase", "Baraka", "--passphrase-file", new, who=as_("Baraka"))
    other = program("user", "passphrase", "Amina", "--passphrase-file", new, who=("Baraka", new))

    assert own.status == 0
    assert (other.status, other.err[:7]) == (1, "ACC-001")
    assert program("user", "list", who=as_("Amina")).status == 0


def test_nothing_of_a_passphrase_or_key_is_printed(site):
    program, as_, tmp_path = site
    key = (tmp_path / "key").read_text()
    ended = [
        program("user", "list", "--json", who=as_("Amina")),
        program("audit", "list", "--json", who=as_("Amina")),
        program("user", "list", who=as_("Amina", "some wrong words")),
    ]

    for said in ended:
        for hidden in (*WORDS.values(), key.strip(), "some wrong words"):
            assert hidden not in said.out + said.err
