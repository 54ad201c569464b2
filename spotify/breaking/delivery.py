"""Edges that lie, and lines that are slow. All in virtual time.

Page: docs/spotify/breaking.md
"""

from collections.abc import Callable

from chapters.sim.chance import Chance
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Series, Verdict
from spotify.delivery.edge import BLOCK_BYTES
from spotify.playback.imagined import evening
from spotify.playback.listening import Line
from spotify.scene.evening import cast


def lying_edge(*, seed: int = 7, listeners: int = 60, flips: int = 20) -> Outcome:
    """Kill one edge, and flip bits in another's cache; compare what is heard with what the origin has."""
    at_least(1, listeners=listeners, flips=flips)
    heard = wrong = asked_again = 0
    for number in range(listeners):
        stage = cast(seed + number)
        rng = Chance(seed + number).stream("lies")
        order = stage.router.edges(stage.album.id)
        own = stage.files
        for path, data in own.items():
            for place in range(0, len(data), BLOCK_BYTES):
                stage.edges[order[0]].keep(
                    path, place // BLOCK_BYTES, data[place : place + BLOCK_BYTES]
                )
        one, two, *_ = stage.album.tracks
        path = f"/{stage.album.id}/{one.renditions[0].file}"
        for _ in range(flips):
            last = len(own[path]) // BLOCK_BYTES
            stage.edges[order[0]].damage(path, rng.randrange(last), at=rng.randrange(BLOCK_BYTES))
        if number % 2:
            stage.listener.kill(order[1])
        sound = stage.listener.tap(one.id, two.id, "SE")
        head = one.renditions[0].head
        heard += 1
        wrong += sound != own[path][head : head + len(sound)]
        asked_again += len(stage.listener.refused)
    return Outcome(
        title=f"{listeners} listeners; {flips} flipped bits at the nearest edge, half the second ones dead",
        verdicts=(
            Verdict("everybody hears something", heard == listeners, f"{heard} of {listeners}"),
            Verdict("no wrong byte is played", not wrong, f"{wrong} of {listeners} heard any"),
        ),
        lines=(f"{asked_again} answers were wrong, and asked for at the next edge",),
        next_commands=("kit trace spotify", "kit serve spotify"),
        replay=f"kit break spotify lying-edge --listeners {listeners} --flips {flips} --seed {seed}",
    )


def bad_line(*, seed: int = 7, taps: int = 150, trip_ms: float = 400, mbps: float = 1) -> Outcome:
    """Listen on a line of long round trips, with the next track fetched ahead and without."""
    at_least(1, taps=taps)
    line = Line(trip_s=trip_ms / 1000, bps=mbps * 1e6)
    with_it = evening(seed=seed, taps=taps, line=line)
    without = evening(seed=seed, taps=taps, line=line, prefetching=False)
    knobs = f"--taps {taps} --trip-ms {trip_ms:g} --mbps {mbps:g}"

    def series(name: str, starts: Callable[[], list[float]]) -> Series:
        return Series(name, "ms", tuple((n / taps, each) for n, each in enumerate(starts())))

    return Outcome(
        title=f"{taps} taps on a line of {mbps:g} Mbit/s and {trip_ms:g} ms",
        verdicts=(
            Verdict(
                "what has begun does not stop",
                with_it.stuttered < 0.01,
                f"{with_it.stuttered:.1%} of tracks; without prefetch {without.stuttered:.1%}",
            ),
            Verdict(
                "prefetch makes more starts immediate",
                with_it.kept > without.kept,
                f"{with_it.kept:.0%} had the beginning; without {without.kept:.0%}",
            ),
        ),
        lines=(
            f"median wait {with_it.median_ms():.0f} ms; without prefetch {without.median_ms():.0f} ms",
        ),
        next_commands=("kit run spotify/playback --trip-ms 400", "kit start spotify/prefetch"),
        replay=f"kit break spotify bad-line {knobs} --seed {seed}",
        series=(series("wait", with_it.starts_ms), series("without prefetch", without.starts_ms)),
    )
