"""Deterministic simulation: a clock, luck, a disk and a network that do the same thing twice.

Page: docs/chapters/sim.md
"""

from chapters.sim.chance import Chance
from chapters.sim.clock import (
    MS,
    US,
    Clock,
    S,
    SkewedClock,
    SleepingClock,
    Timer,
    VirtualClock,
    spell,
)
from chapters.sim.disk import Disk, SimDisk, replace
from chapters.sim.errors import (
    BadSchedule,
    Crashed,
    DiskFault,
    DiskFull,
    NoSuchFile,
    ReadOnly,
    Runaway,
    SyncFailed,
    TooFewAnswers,
)
from chapters.sim.fan_out import Reply, SimPool, fan_out
from chapters.sim.faults import Fault, Schedule, ddmin, shrink, storm
from chapters.sim.latency import Constant, Latency, LogNormal, Sometimes, Uniform
from chapters.sim.network import Link, Network
from chapters.sim.process import Process, Processes
from chapters.sim.promises import FaultStory, Outcome, Series, Verdict
from chapters.sim.simulation import Failure, Simulation, hunt, replay_command
from chapters.sim.trace import Span, Trace, begin, note, span, to_otlp, tracing
from chapters.sim.waterfall import Row, rows, to_svg, to_text

__all__ = [
    "US", "MS", "S", "Clock", "SleepingClock", "Timer", "VirtualClock", "SkewedClock", "spell",
    "Chance", "Latency", "Constant", "Uniform", "LogNormal", "Sometimes",
    "Disk", "SimDisk", "replace",
    "Network", "Link", "Process", "Processes",
    "Fault", "Schedule", "storm", "shrink", "ddmin",
    "Simulation", "Failure", "hunt", "replay_command",
    "SimPool", "Reply", "fan_out",
    "Trace", "Span", "tracing", "span", "begin", "note", "to_otlp",
    "Row", "rows", "to_text", "to_svg",
    "Verdict", "Outcome", "FaultStory", "Series",
    "NoSuchFile", "DiskFull", "ReadOnly", "SyncFailed", "DiskFault", "Crashed",
    "TooFewAnswers", "Runaway", "BadSchedule",
]  # fmt: skip
