"""What Netflix's exercises check: each section's own stages, beside its code, and a whole evening.

Page: docs/netflix/index.md
"""

from collections.abc import Iterator
from random import Random

from chapters.checking import JSON, Case, Stage
from netflix.abr import checks as abr
from netflix.cdn import checks as cdn
from netflix.cdn import fill_checks as fill
from netflix.control import checks as control
from netflix.encode import checks as encode
from netflix.events import checks as events
from netflix.package import checks as package
from netflix.recs import checks as recs
from netflix.resilience import checks as resilience
from netflix.scene.watching import watch

SECTIONS = (encode, package, cdn, fill, abr, control, events, resilience, recs)
SEGMENTS = 10


def plays(seed: int, segments: int) -> JSON:
    """Let four viewers watch, by four rules; the nearest edge dies in between."""
    seen = watch(seed, segments)
    return {
        "sizes": [list(each) for each in seen.sizes],
        "edges": list(seen.edges),
        "from the origin": seen.fetched,
        "asked": seen.asked,
    }


def seeds(rng: Random) -> Iterator[Case]:
    """One evening of a seed."""
    yield rng.randrange(1_000_000), SEGMENTS


def summary(args: Case, got: JSON) -> str:
    """Say what was played on the learner's code."""
    assert isinstance(got, dict)
    sizes = got["sizes"]
    assert isinstance(sizes, list)
    megabytes = sum(map(sum, sizes)) / 1e6
    return (
        f"Netflix plays on your code: {len(sizes)} viewers, {megabytes:.1f} MB of picture, one edge dead, "
        f"{got['from the origin']} of {got['asked']} files from the origin"
    )


STAGES: dict[str, list[Stage]] = {
    name: stages for section in SECTIONS for name, stages in section.STAGES.items()
}

SYSTEM = Stage("four viewers watch, and an edge dies", seeds, plays, summary=summary)
