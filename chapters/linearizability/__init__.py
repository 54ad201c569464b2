"""Whether a recorded history could have happened one operation at a time, and where it stopped.

Page: docs/chapters/linearizability.md
"""

from chapters.linearizability.check import Outcome, Verdict, check
from chapters.linearizability.diagram import draw
from chapters.linearizability.errors import BadHistory, HistoryFull, NotInModel
from chapters.linearizability.history import Operation, load, save
from chapters.linearizability.models import CasRegister, Model, Register
from chapters.linearizability.recorder import Recorder, Started

__all__ = [
    "check",
    "Verdict",
    "Outcome",
    "Operation",
    "Model",
    "Register",
    "CasRegister",
    "Recorder",
    "Started",
    "draw",
    "save",
    "load",
    "BadHistory",
    "HistoryFull",
    "NotInModel",
]
