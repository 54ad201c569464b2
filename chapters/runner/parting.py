"""Leaving the machine without bubblewrap: namespaces of one's own, by asking the kernel directly.

    keeper      outside: waits, and ends process 1 when told to
    └─ 1        inside: its end is the end of all
       └─ 2     inside: goes on, to run the learner's code

Each step may be forbidden (containers forbid most); what could not be left is reported, never
assumed. Copied into the box beside inside.py, hence the standard library only. Source: unshare(2),
mount_namespaces(7), user_namespaces(7). Page: docs/how-it-works.md
"""

import os
import signal
import sys
from typing import Any

NEW_MOUNTS, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NETWORK = (
    0x0002_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
)  # fmt: skip
BIND, RECURSIVE, PRIVATE, READ_ONLY, NO_SETUID_NO_DEVICES = 4096, 16384, 1 << 18, 1, 2 | 4
DIE_WITH_PARENT, NO_NEW_RIGHTS = 1, 38  # prctl(2)
CAPABILITIES_OF_SELF = (0x2008_0522).to_bytes(4, sys.byteorder) + bytes(4)  # capset(2)

Setting = dict[str, Any]


def part_from_the_machine(setting: Setting) -> Setting:
    """Leave the machine's network, process table and files, as far as the kernel lets us.

    Only used without bubblewrap. Returns which of the three were left. Two processes stay behind: a
    keeper, which the box's owner can end, and process 1 of the new table, whose end is everybody's.
    """
    told = {"network": False, "processes": False, "files": False}
    try:
        import ctypes

        system = ctypes.CDLL(None, use_errno=True)
        system.prctl(NO_NEW_RIGHTS, 1, 0, 0, 0)
        system.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
        wanted = NEW_MOUNTS | NEW_IPC | NEW_PIDS | NEW_NETWORK
        me, group = os.getuid(), os.getgid()
        if system.unshare(wanted | (NEW_USER if me else 0)):
            return told
    except (ImportError, OSError, AttributeError):
        return told
    map_user(me, group)
    told |= {"network": True, "processes": True, "files": rebuild_view(system, setting)}
    stay_behind(system)
    if told["files"]:
        mount(system, "proc", "/proc", "proc", NO_SETUID_NO_DEVICES)
    if me:
        system.capset(CAPABILITIES_OF_SELF, bytes(24))
    return told


def die_with_parent() -> None:
    """Ask again for the kernel to end us with our parent: becoming another user forgets it."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return  # not Linux: the pipe of calls ends with the parent, which honest code notices


def map_user(uid: int, group: int) -> None:
    """Be oneself in the new user namespace; where that is forbidden we are nobody, which serves."""
    maps = {
        "uid_map": f"{uid} {uid} 1",
        "setgroups": "deny",
        "gid_map": f"{group} {group} 1",
    }
    for file, text in maps.items() if uid else ():
        try:
            with open(f"/proc/self/{file}", "w") as target:
                target.write(text)
        except OSError:
            continue


def rebuild_view(system: Any, setting: Setting) -> bool:
    """Show tree and libraries below a small /tmp, hide the project; return whether it worked."""
    held = [(os.open(there, os.O_PATH), here) for there, here in setting["view"].values()]
    room = f"size={setting['scratch_bytes']},mode=1777"
    worked = mount(system, "none", "/", "", RECURSIVE | PRIVATE)
    worked = worked and mount(system, "tmpfs", "/tmp", "tmpfs", NO_SETUID_NO_DEVICES, room)
    for handle, here in held:
        if worked:
            os.mkdir(here, 0o755)
            worked = mount(system, f"/proc/self/fd/{handle}", here, "", BIND | RECURSIVE)
        os.close(handle)
    for hidden in setting["hide"]:
        worked = worked and mount(system, "tmpfs", hidden, "tmpfs", READ_ONLY)
    return worked


def mount(system: Any, source: str, target: str, kind: str, flags: int = 0, data: str = "") -> bool:
    """Return whether mount(2) did as asked."""
    words = (source.encode(), target.encode(), kind.encode() or None)
    return not system.mount(*words, flags, data.encode() or None)


def stay_behind(system: Any) -> None:
    """Return in a new process 2; this one waits as its keeper, and process 1 ends when 2 does."""
    first = os.fork()
    if first:
        signal.signal(signal.SIGTERM, lambda *_: os.kill(first, signal.SIGKILL))
        end_as(os.waitpid(first, 0)[1])
    system.prctl(DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    second = os.fork()
    while second:
        pid, status = os.wait()
        if pid == second:
            end_as(status)


def end_as(status: int) -> None:
    """End as the process with that wait status did, in a shell's numbers."""
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)
