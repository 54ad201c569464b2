"""Raft: several machines that agree on one log, and so on everything that follows from it.

Page: docs/chapters/raft.md
"""

from chapters.raft.codec import decode, encode
from chapters.raft.election import Role
from chapters.raft.errors import (
    BadMessage,
    CommandTooLarge,
    MachineFailed,
    NotLeader,
    Overloaded,
    StateMismatch,
    Stopped,
    Unacknowledged,
)
from chapters.raft.limits import ELECTION_TIMEOUT_NS, HEARTBEAT_NS, Limits
from chapters.raft.machine import StateMachine
from chapters.raft.messages import Message
from chapters.raft.raft import Raft

__all__ = [
    "Raft",
    "Role",
    "StateMachine",
    "Limits",
    "ELECTION_TIMEOUT_NS",
    "HEARTBEAT_NS",
    "Message",
    "encode",
    "decode",
    "NotLeader",
    "Overloaded",
    "CommandTooLarge",
    "Stopped",
    "StateMismatch",
    "BadMessage",
    "Unacknowledged",
    "MachineFailed",
]
