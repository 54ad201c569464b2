"""Is anybody there? A heartbeat when we have been quiet, a question when they have, and then the end.

    their silence, in intervals   0 ──────── 1.2 ──────────── 2.4
                                         test request       hang up
    ours                          0 ───── 1
                                      heartbeat

A connection can be dead without either side being told: a cable, a firewall that forgot. So both sides
speak at least once an interval, and a silence means something. Source: FIX 4.4, volume 2, "Heartbeat".
Page: docs/exchange/fix.md
"""

from enum import Enum

from chapters.sim.clock import S

INTERVAL_S_MAX = 3_600
_TENTHS_ASK, _TENTHS_LOST = 12, 24  # of an interval


class Due(Enum):
    """What a look at the clock asks for."""

    NOTHING = "nothing"
    HEARTBEAT = "heartbeat"
    TEST = "test"
    END = "end"


class Pulse:
    """When either side was heard of last."""

    def __init__(self) -> None:
        self.interval_ns = 0  # 0: nobody minds silence
        self._heard_ns = 0
        self._asked = 0  # questions since they were heard

    def start(self, interval_s: int, now_ns: int) -> None:
        """Begin with a connection, with the interval that both have agreed on."""
        self.interval_ns = interval_s * S
        self.heard(now_ns)

    def heard(self, now_ns: int) -> None:
        """They have said something, whatever it was."""
        self._heard_ns, self._asked = now_ns, 0

    def look(self, now_ns: int, sent_ns: int) -> Due:
        """Return what is due, when our last message was sent at `sent_ns`."""
        silent_ns = now_ns - self._heard_ns
        if not self.interval_ns:
            return Due.NOTHING
        if silent_ns * 10 >= _TENTHS_LOST * self.interval_ns:
            return Due.END
        if silent_ns * 10 >= _TENTHS_ASK * self.interval_ns * (self._asked + 1):
            self._asked += 1
            return Due.TEST
        is_quiet = now_ns - sent_ns >= self.interval_ns
        # Who has asked need not say that it is there.
        return Due.HEARTBEAT if is_quiet and not self._asked else Due.NOTHING
