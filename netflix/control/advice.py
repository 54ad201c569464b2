"""The bitrate rule of a real player, asked over HTTP: the very code that the simulator runs.

    player: buffer 6.2 s, the last download took 0.8 s ──► rule.downloaded, rule.choose ──► rung 2

A real player decides by itself; this one asks, so that there is one rule, in Python, and a learner's takes
its place. Invariant: no rung above what the session was offered; a rule that fails is told as such and
costs no picture: the lowest rung is always there. Page: docs/netflix/player.md
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chapters.sim.trace import note
from netflix.abr.rule import Download, Ladder, Moment, Progress, Rule
from netflix.abr.rules import make
from netflix.errors import Refused

BUFFER_MAX_S = 24.0
DOWNLOADS_MAX = 50  # told at once
NUMBER_MAX = 1e15


@dataclass(frozen=True, slots=True)
class Advice:
    """The rung to fetch, and why it is not the rule's own, if it is not."""

    rung: int
    wait_s: float = 0.0
    problem: str = ""


class Advisor:
    """One session's rule."""

    def __init__(self, name: str, ladder: Ladder, rungs: int) -> None:
        self.name = name
        self._ladder = Ladder(
            ladder.segment_s,
            ladder.bitrates_kbps[:rungs],
            [sizes[:rungs] for sizes in ladder.sizes_bits],
        )
        self._rule: Rule = make(name, self._ladder, BUFFER_MAX_S)

    def advise(self, moment: Moment, downloads: Sequence[Download]) -> Advice:
        """Tell the rule how the last downloads went, and ask it for the next rung."""
        if not 0 <= moment.segment < len(self._ladder.sizes_bits):
            raise Refused(
                400, f"segment {moment.segment}; the title has {len(self._ladder.sizes_bits)}"
            )
        try:
            for each in downloads:
                self._rule.downloaded(each)
            rung = self._rule.choose(replace(moment, buffer_s=min(moment.buffer_s, BUFFER_MAX_S)))
            wait_s = self._rule.wait_s()
        except (
            Exception
        ) as error:  # a learner's rule may raise anything, and the picture must go on
            return Advice(0, problem=f"the rule {self.name} raised {type(error).__name__}: {error}")
        if not isinstance(rung, int) or not 0 <= rung < len(self._ladder.bitrates_kbps):
            return Advice(
                0, problem=f"the rule {self.name} chose rung {rung!r}, which there is not"
            )
        note("the rule chose", rule=self.name, rung=rung, buffer_s=round(moment.buffer_s, 2))
        return Advice(rung, wait_s)

    def abandon(self, progress: Progress) -> int | None:
        """Return a lower rung for which a download under way is to be broken off; None to go on."""
        if not 0 < progress.rung < len(self._ladder.bitrates_kbps):
            return None
        try:
            instead = self._rule.abandon(progress)
        except Exception:  # as above: a download that goes on is always right
            return None
        return instead if isinstance(instead, int) and 0 <= instead < progress.rung else None


def read_moment(facts: Mapping[str, object]) -> Moment:
    """Return the moment that a player tells of. Raises `Refused` with 400."""
    return Moment(int(number(facts, "segment")), number(facts, "buffer_s"), number(facts, "now_s"))


def read_downloads(facts: Mapping[str, object]) -> list[Download]:
    """Return the downloads that a player tells of. Raises `Refused` with 400."""
    told = facts.get("downloads", [])
    if not isinstance(told, list) or len(told) > DOWNLOADS_MAX:
        raise Refused(400, f'"downloads" is a list of at most {DOWNLOADS_MAX}')
    return [_download(each) for each in told]


def _download(facts: object) -> Download:
    if not isinstance(facts, Mapping):
        raise Refused(400, f"a download is an object, not {facts!r}")
    took_s = number(facts, "took_s")
    if not took_s > 0:
        raise Refused(400, f'"took_s" is {took_s}; it must be above 0')
    return Download(
        segment=int(number(facts, "segment")),
        rung=int(number(facts, "rung")),
        size_bits=int(number(facts, "size_bits")),
        first_byte_s=min(number(facts, "first_byte_s"), took_s),
        took_s=took_s,
        abandoned_for=int(number(facts, "abandoned_for")) if "abandoned_for" in facts else None,
    )


def read_progress(facts: Mapping[str, object]) -> Progress:
    """Return the download under way that a player tells of. Raises `Refused` with 400."""
    return Progress(
        rung=int(number(facts, "rung")),
        size_bits=int(number(facts, "size_bits")),
        came_bits=number(facts, "came_bits"),
        first_byte_s=number(facts, "first_byte_s"),
        took_s=number(facts, "took_s"),
        buffer_s=min(number(facts, "buffer_s"), BUFFER_MAX_S),
    )


def number(facts: Mapping[str, object], name: str) -> float:
    """Return a number from 0 of a JSON object. Raises `Refused` with 400 for anything else."""
    value = facts.get(name)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value <= NUMBER_MAX
    ):
        raise Refused(400, f"{name!r} is {value!r}; it must be a number from 0")
    return float(value)
