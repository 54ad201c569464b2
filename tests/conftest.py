"""In CI a test whose part was installed must not be skipped: a skip there is a failure."""

import os
import signal

import pytest

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
