"""The command line that shuts a box in with bubblewrap: no network, no other process, few files.

    /kit/inside.py  /kit/tree   the box's own folder          /site   the installed libraries
    prefix/bin/python3 prefix/lib, /lib, /usr/lib …           /tmp    a small disk in memory

All but /tmp is read-only, and nothing else is there: not the project, not a shell, not a home
folder. Source: bubblewrap's manual page, bwrap(1). Page: docs/how-it-works.md
"""

import functools
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from chapters.runner.limits import is_root
from chapters.runner.tree import own_folders

SEEN_AT = "/kit"
SITE_AT = "/site"
SYSTEM_FOLDERS = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/localtime")
PROBE_S = 20.0


def python() -> Path:
    """Return the interpreter itself, behind the links of virtual environments."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def library() -> Path:
    """Return the folder that holds the interpreter's standard library and shared objects."""
    return Path(sysconfig.get_path("stdlib")).resolve().parent


def site() -> Path:
    """Return the folder of installed libraries."""
    return Path(sysconfig.get_path("purelib")).resolve()


@functools.cache
def works() -> bool:
    """Return whether bubblewrap is installed and the kernel lets it do its work; asked once."""
    if shutil.which("bwrap") is None:
        return False
    probe = [*command(Path(__file__).parent, 1 << 20), str(python()), "-I", "-S", "-c", ""]
    try:
        return subprocess.run(probe, capture_output=True, timeout=PROBE_S).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def command(folder: Path, scratch_bytes: int, *, info: int | None = None) -> list[str]:
    """Return bwrap and its options for a box in `folder`; the program to run follows them."""
    options = ["bwrap", "--die-with-parent", "--new-session", "--clearenv", *namespaces()]
    # The code inside may ask whether it is a learner's, as it may without bubblewrap.
    options += ["--setenv", "KIT_BOX", folder.name]
    seen = list(mounts(folder))
    for parent in dict.fromkeys(above for _, target in seen for above in parents(target)):
        options += ["--perms", "0755", "--dir", parent]
    for source, target in seen:
        options += ["--ro-bind-try", str(source), target]
        for package in own_folders(source):
            options += ["--tmpfs", str(Path(target) / package.relative_to(source))]
    options += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"]
    options += ["--perms", "1777", "--size", str(scratch_bytes), "--tmpfs", "/tmp"]
    options += ["--remount-ro", "/", "--chdir", "/tmp"]
    return options if info is None else [*options, "--info-fd", str(info)]


def namespaces() -> Iterator[str]:
    """Yield what to leave behind. Root keeps the rights it needs to become a user without any."""
    yield from ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts")
    yield from ("--unshare-cgroup-try", "--cap-drop", "ALL")
    if is_root():
        yield from ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
    else:
        yield from ("--unshare-user", "--disable-userns")


def mounts(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield every folder and file to be seen, and where."""
    for name in (*SYSTEM_FOLDERS, *SYSTEM_FILES):
        yield Path(name), name
    if not library().is_relative_to("/usr/lib"):
        yield library(), str(library())
    yield python(), str(python())
    yield site(), SITE_AT
    yield folder, SEEN_AT


def parents(target: str) -> list[str]:
    """Return the folders above `target`, outermost first: every user must be able to pass."""
    return [str(parent) for parent in reversed(Path(target).parents[:-1])]


def reachable() -> bool:
    """Return whether any user can reach interpreter and libraries where they lie."""
    paths = [above for each in (python(), library(), site()) for above in (each, *each.parents)]
    return all(os.stat(path).st_mode & 0o001 for path in paths)
