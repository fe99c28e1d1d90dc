"""A technician's settings are taken as they stand, or refused; never in silence, never half."""

from dataclasses import asdict, fields, replace
from pathlib import Path

import msgspec
import pytest

from edge_app.compose.clock import SystemClock
from edge_app.compose.doctor import examined
from edge_app.compose.window import remote_detector
from edge_app.domain.error import SettingsRefusedError
from edge_app.inference.choice import Choice
from edge_app.inference.fingerprint import fingerprint
from edge_app.inference.loading import load_detector
from edge_app.inference.machine import Machine
from edge_app.inference.package import load_package
from edge_app.inference.providers import CPU, PROVIDERS, Tuning, options_of, provider_named
from edge_app.inference.selftest import (
    Combination,
    Opener,
    SelftestRecord,
    Verdict,
    Ways,
    tuned,
    verdicts,
)
from edge_app.inference.selftest_records import SelftestRecords
from edge_app.inference.session import Level
from edge_app.inference.site_tuning import Fixed, SiteTuning, site_tuning
from edge_app.settings import Settings, settings_from
from tests.fakes import FakeClock
from tests.smears import PACKAGE

OTHER = Tuning(device_id=3, fp16=True, int8=True, workspace_mb=64, threads=5, spinning=True)
WHOLE = """
[providers.cpu]
threads = 3
spinning = true

[providers.tensorrt]
device_id = 1
fp16 = true
int8 = true
workspace_mb = 512
"""


def written(tmp_path, text, name="site.toml"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return Settings(tmp_path, PACKAGE.parent)


def refusal(settings):
    with pytest.raises(SettingsRefusedError) as caught:
        site_tuning(settings)
    assert caught.value.remedy
    return caught.value.what


def test_what_is_fixed_takes_the_place_of_the_usual_and_the_rest_stays(tmp_path):
    site = site_tuning(written(tmp_path, WHOLE))

    usual = Tuning()
    assert site.applied("cpu", usual) == replace(usual, threads=3, spinning=True)
    assert site.applied("tensorrt", usual) == replace(
        usual, device_id=1, fp16=True, int8=True, workspace_mb=512
    )
    assert site.applied("cuda", usual) == usual
    assert site.words == (
        "cpu: spinning on, threads 3; "
        "tensorrt: device_id 1, fp16 on, int8 on, workspace_mb 512"
    )  # fmt: skip


def test_without_a_file_nothing_is_fixed(tmp_path):
    assert site_tuning(Settings(tmp_path, PACKAGE.parent)) == SiteTuning()


def test_a_file_that_was_named_must_be_there_and_goes_before_the_usual_one(tmp_path):
    written(tmp_path, "[providers.cpu]\nthreads = 1\n")
    written(tmp_path, "[providers.cpu]\nthreads = 2\n", "other.toml")

    named = settings_from(tmp_path, site_file=tmp_path / "other.toml")

    assert site_tuning(named).words == "cpu: threads 2"
    assert "no such file" in refusal(replace(named, site_file=tmp_path / "none.toml"))
    assert "no such file" in refusal(replace(named, site_file=Path("/dev/zero")))


REFUSED = {
    "a provider that is not allowed": ("[providers.azure]\n", "azure is not on the list"),
    "the runtime's word for it": ("[providers.AzureExecutionProvider]\nfp16 = true\n", "not on"),
    "an option that does nothing": ("[providers.cpu]\nfp16 = true\n", "cpu does not take fp16"),
    "an option of another provider": ("[providers.cuda]\nthreads = 2\n", "it takes device_id"),
    "an option for none": ("[providers.coreml]\nfp16 = true\n", "it takes nothing"),
    "an unknown option": ("[providers.cpu]\nturbo = true\n", "turbo"),
    "an unknown table": ("[provider.cpu]\nthreads = 2\n", "`provider`"),
    "no thread": ("[providers.cpu]\nthreads = 0\n", ">= 1"),
    "too many threads": ("[providers.cpu]\nthreads = 5000\n", "<= 256"),
    "a text for a number": ('[providers.cpu]\nthreads = "2"\n', "Expected `int"),
    "a number for a switch": ("[providers.cpu]\nspinning = 1\n", "Expected `bool"),
    "no memory to build in": ("[providers.tensorrt]\nworkspace_mb = 0\n", ">= 64"),
    "no TOML": ("providers: cpu\n", "site.toml"),
    "no providers' table": ("providers = 3\n", "Expected `object"),
    "a file without an end": ("#" * 70_000, "larger than 64 KB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_file_is_refused_with_what_is_wrong_in_it(tmp_path, name):
    text, said = REFUSED[name]

    assert said in refusal(written(tmp_path, text))


def test_a_file_in_another_encoding_is_refused(tmp_path):
    settings = written(tmp_path, "")
    (tmp_path / "site.toml").write_bytes(b"# Ger\xe4t\n")

    assert "site.toml" in refusal(settings)


@pytest.mark.parametrize("provider", [p for p in PROVIDERS if p is not CPU], ids=lambda p: p.name)
@pytest.mark.parametrize("option", [f.name for f in fields(Tuning)])
def test_a_provider_takes_exactly_what_changes_something_for_it(provider, option):
    changed = replace(Tuning(), **{option: asdict(OTHER)[option]})

    is_heard = options_of(provider, changed, None) != options_of(provider, Tuning(), None)

    assert is_heard == (option in provider.takes)


def test_every_option_that_a_site_may_fix_is_one_of_the_tuning():
    assert [f.name for f in msgspec.structs.fields(Fixed)] == [f.name for f in fields(Tuning)]
    assert provider_named("cpu").takes == {"threads", "spinning"}


class WatchedOpener:
    """Opens true sessions and remembers with which tuning."""

    def __init__(self):
        self.tunings = []

    def __call__(self, package, combination, tuning):
        self.tunings.append(tuning)
        return Opener()(package, combination, tuning)


def machine_of(tmp_path, site):
    return Machine(SelftestRecords(tmp_path / "selftests"), FakeClock(), WatchedOpener(), site)


INT8_HERE = Combination("int8", "cpu", Level.ALL)


def test_the_self_test_runs_and_measures_only_what_the_site_allows():
    package, opener = load_package(PACKAGE), WatchedOpener()
    site = SiteTuning({"cpu": Fixed(spinning=True)})

    ((verdict, _),) = verdicts(package, [INT8_HERE], Ways(opener, site))
    chosen = tuned(package, INT8_HERE, Ways(opener, site))

    assert verdict.ok
    assert {t.spinning for t in opener.tunings} == {True}
    assert len({t.threads for t in opener.tunings}) > 1
    assert chosen.spinning


def test_threads_that_wait_busily_are_never_chosen_where_the_site_does_not_ask_for_them():
    opener = WatchedOpener()

    chosen = tuned(load_package(PACKAGE), INT8_HERE, Ways(opener, SiteTuning()))

    assert {t.spinning for t in opener.tunings} == {False}
    assert not chosen.spinning


def test_a_change_of_the_settings_makes_the_self_test_due(tmp_path):
    package = load_package(PACKAGE)
    mine, other = (SiteTuning({"cpu": Fixed(threads=n)}) for n in (1, 2))
    machine = machine_of(tmp_path, mine)
    name, now = package.manifest.name, machine.clock.now()
    verdict = Verdict(INT8_HERE, ok=True, why="", median_ms=1.0)
    identity = fingerprint(package, mine.words)
    machine.records.keep(
        SelftestRecord(name, identity, now, (verdict,), INT8_HERE, Tuning(threads=1))
    )

    assert machine.record(package).chosen == INT8_HERE
    assert machine_of(tmp_path, other).record(package) is None
    assert machine_of(tmp_path, SiteTuning()).record(package) is None


@pytest.mark.parametrize(("threads", "of_a_tile"), [(2, 0), (2, 1)])
def test_a_detector_runs_as_the_site_says_but_for_tiles_of_one_thread(tmp_path, threads, of_a_tile):
    machine = machine_of(tmp_path, SiteTuning({"cpu": Fixed(threads=threads, spinning=True)}))

    load_detector(PACKAGE, Choice("int8", "cpu", threads=of_a_tile), machine)

    used = machine.opener.tunings[-1]
    assert (used.threads, used.spinning) == ((1, False) if of_a_tile else (threads, True))


def test_a_detector_in_its_own_process_takes_them_or_says_why_not(tmp_path):
    good = remote_detector(written(tmp_path, WHOLE), "blood-smear", Choice("int8", "cpu"))
    bad = remote_detector(written(tmp_path, "[providers.azure]\n"), "blood-smear", Choice())

    good.detector.close()
    assert (good.words, bad.detector) == ("CPU, int8", None)
    assert "azure" in bad.words


def test_a_detector_in_its_own_process_knows_a_self_test_of_these_settings_only(tmp_path):
    settings = written(tmp_path, WHOLE)
    machine = Machine.at(settings, SystemClock(), site_tuning(settings))
    for _ in machine.test(load_package(PACKAGE)):
        pass

    told = remote_detector(settings, "blood-smear", Choice())
    (tmp_path / "site.toml").unlink()
    untold = remote_detector(Settings(tmp_path, settings.packages_dir), "blood-smear", Choice())
    is_tested = told.detector.is_tested, untold.detector.is_tested
    told.detector.close()
    untold.detector.close()

    assert is_tested == (True, False)


def test_settings_of_other_providers_test_again_too():
    package = load_package(PACKAGE)
    words = [SiteTuning({"tensorrt": Fixed(fp16=x)}).words for x in (True, False)]

    assert len({fingerprint(package, w) for w in (*words, "")}) == 3


def test_what_a_worker_is_handed_is_what_the_file_says(tmp_path):
    site = site_tuning(written(tmp_path, WHOLE))

    assert msgspec.json.decode(msgspec.json.encode(site), type=SiteTuning) == site


def site_check(settings):
    return next(c for c in examined(settings) if c.id == "site settings")


def test_the_doctor_shows_them_or_why_not(tmp_path):
    assert "defaults" in site_check(Settings(tmp_path, tmp_path)).found
    assert site_check(written(tmp_path, WHOLE)).found.startswith("cpu: spinning on, threads 3")
    bad = site_check(written(tmp_path, "[providers.azure]\n"))
    assert (bad.ok, "azure" in bad.found) == (False, True)
