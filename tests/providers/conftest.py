"""These run in environments with another runtime: `make test-providers`."""

import os

import pytest

from edge_app.inference.machine import Machine
from edge_app.inference.package import load_package
from edge_app.settings import Settings
from tests.fakes import FakeClock
from tests.smears import PACKAGE

WANTED = os.environ.get("EDGE_APP_PROVIDER")


def pytest_runtest_setup(item):
    """Skip, aloud and before any fixture, what needs another environment than this one."""
    needed = item.get_closest_marker("provider").args[0]
    if WANTED is None:
        pytest.skip(f"provider {needed} NOT tested: run make test-providers")
    if needed != WANTED:
        pytest.skip(f"for the environment of {needed}")


@pytest.fixture(scope="session")
def machine(tmp_path_factory):
    return Machine.at(Settings(tmp_path_factory.mktemp("machine"), PACKAGE.parent), FakeClock())


@pytest.fixture(scope="session")
def record(machine):
    *_, found = machine.test(load_package(PACKAGE))
    return found
