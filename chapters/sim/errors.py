"""What can go wrong with a disk, a network, a clock or a schedule.

    KitError
    ├── Definite
    │   ├── NoSuchFile      nothing of that name
    │   ├── DiskFull        no room, and not one byte of it was kept
    │   ├── ReadOnly        this folder may not be written
    │   └── DiskInUse       another process has claimed this folder
    ├── Indefinite
    │   ├── SyncFailed      what was written may or may not be on the platter
    │   ├── DiskFault       the device answered with an error of its own
    │   ├── Crashed         the machine died during the call
    │   ├── TooFewAnswers   fewer than `need` of the calls came back; the others may still happen
    │   └── Runaway         a simulation or an inbox that grew past its bound
    └── UsageError
        └── BadSchedule     the text of a fault schedule cannot be read

Page: docs/chapters/sim.md
"""

from chapters.errors import Definite, Indefinite, UsageError


class NoSuchFile(Definite):
    """There is no file of that name."""


class DiskFull(Definite):
    """There was no room for the whole write, so none of it was kept."""


class ReadOnly(Definite):
    """The folder refuses writes."""


class DiskInUse(Definite):
    """Another process has claimed the folder; nothing of it was touched."""


class SyncFailed(Indefinite):
    """`sync` failed: the bytes may be lost even if a later `sync` succeeds (PostgreSQL, 2018)."""


class DiskFault(Indefinite):
    """The device reported an error that says nothing about what was kept."""


class Crashed(Indefinite):
    """The machine lost power; nothing works until it is started again."""


class TooFewAnswers(Indefinite):
    """Fewer calls succeeded than were needed; `causes` holds the error of each that failed."""

    def __init__(self, message: str, causes: tuple[Exception, ...] = ()) -> None:
        super().__init__(message)
        self.causes = causes


class Runaway(Indefinite):
    """Something that must stay bounded did not."""


class BadSchedule(UsageError):
    """A fault schedule that cannot be read or applied."""


def at_least(least: float, **knobs: float) -> None:
    """Raise `UsageError` for the first knob below `least`: what a demonstration asks of its own."""
    for name, value in knobs.items():
        if not value >= least:
            raise UsageError(f"{name.replace('_', '-')} is {value}; it must be at least {least}")
