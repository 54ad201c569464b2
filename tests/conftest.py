"""In CI a test whose part was installed must not be skipped: a skip there is a failure."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.postgres import running

hypothesis.settings.register_profile("kit", deadline=None)  # how long a test takes is not tested
hypothesis.settings.load_profile("kit")

CHROMIUM = Path("/usr/bin/chromium")
QUIET = ("background-networking", "component-update", "default-apps", "sync", "quic", "gpu")

# Data that cannot be installed; what root is not refused; pages, tested once their tools are there.
ALLOWED_IN_CI = ("KIT_DATA", "root ", "the docs group")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not os.environ.get("KIT_CI") or reporter is None:
        return
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if not reason.startswith(ALLOWED_IN_CI):
            reporter.write_line(f"skipped in CI: {report.nodeid}: {reason}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_configure():
    # Started in the background by a shell, we would ignore Ctrl-C, and so would all that we start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers of a real Dask cluster on this machine."""
    distributed = pytest.importorskip(
        "distributed", reason="Dask is not installed (extra `cluster`)"
    )
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as made:
        yield made


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL, empty at first."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra `postgres`)")
    with running() as address:
        yield address


@pytest.fixture(scope="module")  # not longer: while it is open, no test may run an event loop
def browser() -> Iterator[Any]:
    """A headless Chromium that calls nobody of its own accord."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.is_file():
        pytest.skip(f"there is no {CHROMIUM}: apt install chromium")
    flags = ["--no-sandbox", "--no-first-run", *(f"--disable-{each}" for each in QUIET)]
    with api.sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=str(CHROMIUM), args=flags)
        yield chromium
        chromium.close()
