"""What `kit serve s3` refuses before it starts anything: one line, in the process that was asked."""

import socket

import pytest

from chapters.errors import UsageError
from chapters.sim.errors import DiskInUse, ReadOnly
from chapters.sim.real import RealDisk
from s3.app import SETTINGS, serve


@pytest.fixture
def port(monkeypatch):
    monkeypatch.setenv(SETTINGS, "")  # so that what `serve` puts there is taken back
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize(
    "options",
    [{"day_s": 0.0}, {"day_s": -1.0}, {"day_s": float("nan")}, {"day_s": float("inf")},
     {"profile": "x"}, {"consistency": "weak"}, {"key": "a/b"}, {"secret": ""},
     {"domain": "http://x"}, {"storage_classes": "X"}, {"storage_classes": "STANDARD,x"}],
)  # fmt: skip
def test_options_that_cannot_work_are_refused(port, tmp_path, options):
    with pytest.raises(UsageError):
        serve(port=port, folder=tmp_path, **options)


def test_a_folder_has_one_server(port, tmp_path):
    with RealDisk(tmp_path) as disk:
        disk.claim()
        with pytest.raises(DiskInUse, match="choose another folder"):
            serve(port=port, folder=tmp_path)


def test_a_file_is_no_folder(port, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ReadOnly, match="choose another folder"):
        serve(port=port, folder=tmp_path / "file")
