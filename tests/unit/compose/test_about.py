"""What is inside and whom the program may meet, told from what is really there."""

import os
import socket
import subprocess
import sys
from email.message import Message
from pathlib import Path

import pytest

from edge_app.compose.about import ProgramAbout, licence_of, without_password
from edge_app.compose.open_sockets import open_sockets
from edge_app.settings import Settings

PACKAGES = Path(__file__).parents[3] / "models" / "onnx"


def about(folder, *devices):
    return ProgramAbout(Settings(folder, PACKAGES), devices)


def test_where_no_file_names_anybody_nobody_is_met(tmp_path):
    assert about(tmp_path, "microscope:7").peers() == []


def test_each_printer_and_each_device_on_the_network_is_named_with_its_file(tmp_path):
    (tmp_path / "printers.toml").write_text(
        '[[printer]]\nname = "Office"\nuri = "ipp://localhost:631/printers/office"\n'
    )
    (tmp_path / "devices.toml").write_text(
        'devices = ["microscope:7", "gstreamer:rtsp://nurse:secret@10.0.0.7/live"]\n'
    )

    said = [(p.name, p.address, p.named_in) for p in about(tmp_path, "sane:net:host").peers()]

    assert said == [
        ("Office", "ipp://localhost:631/printers/office", "printers.toml"),
        ("gstreamer", "rtsp://10.0.0.7/live", "devices.toml"),
        ("sane", "net:host", "--device"),
    ]


@pytest.mark.parametrize("address", ["rtsp://a:b@h/x", "rtsp://a:b@c@h/x"])
def test_no_password_is_left_in_an_address(address):
    assert without_password(address) == "rtsp://h/x"


def test_every_shipped_detector_has_its_version_its_licence_and_its_card(tmp_path):
    found = about(tmp_path).detectors()

    assert len(found) == len(list(PACKAGES.glob("*/package.toml")))
    assert all(d.version and d.licence and d.card.strip() for d in found)


def test_our_own_libraries_are_there_with_their_licences(tmp_path):
    said = {p.name.lower(): p for p in about(tmp_path).parts()}

    assert said["edge-app"].licence == "GPL-3.0-or-later"
    assert "MIT" in said["argon2-cffi"].licence
    assert "GPL" in said["pyqt6"].licence


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License-Expression": "MIT", "License": "other"}, "MIT"),
        ({"License": "BSD-3-Clause\nmore"}, "BSD-3-Clause"),
        ({"License": "x" * 200, "Classifier": "License :: OSI Approved :: MIT License"},
         "MIT License"),
        ({}, ""),
    ],
)  # fmt: skip
def test_a_licence_is_told_as_its_maker_wrote_it(fields, licence):
    said = Message()
    for name, value in fields.items():
        said[name] = value

    assert licence_of(said) == licence


def listening(program):
    """Return the sockets of this program that wait at `program`'s port."""
    port = program.getsockname()[1]
    return [s for s in open_sockets(os.getpid()) if s.here.endswith(f":{port}")]


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="Linux's tables")
def test_a_socket_that_this_program_opens_is_seen_and_gone_when_it_is_closed():
    with socket.create_server(("127.0.0.1", 0)) as server:
        (found,) = listening(server)
        assert (found.protocol, found.peer) == ("tcp", "")
        assert found.here.startswith("127.0.0.1:")
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            connected = [s for s in open_sockets(os.getpid()) if s.peer == f"127.0.0.1:{port}"]
            assert len(connected) == 1

    assert [s for s in open_sockets(os.getpid()) if s.here.endswith(f":{port}")] == []


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="Linux's tables")
def test_a_socket_of_a_process_that_this_program_started_is_seen():
    code = (
        "import socket, sys\n"
        "s = socket.create_server(('::1', 0), family=socket.AF_INET6)\n"
        "print(s.getsockname()[1], flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        port = int(child.stdout.readline())

        assert f"[::1]:{port}" in [s.here for s in open_sockets(os.getpid())]

        child.stdin.close()


def test_a_system_without_such_tables_is_not_taken_for_one_without_sockets(tmp_path):
    assert open_sockets(1, tmp_path) is None
