"""Too much at once, a machine that is slow, a zone that is lost, a region that is lost.

Page: docs/netflix/resilience.md
"""

from chapters.errors import UsageError
from chapters.sim.chance import Chance
from chapters.sim.clock import S, VirtualClock
from chapters.sim.errors import at_least
from chapters.sim.promises import Outcome, Series, Verdict
from netflix.resilience.evcache import EvCache
from netflix.resilience.hedge import SHARE
from netflix.resilience.regions import DETECT_S, NAME_TTL_S, REGIONS, SCALE_S, outage
from netflix.resilience.shed import Priority
from netflix.resilience.story import TIMES_MAX
from netflix.resilience.surge import SECONDS, SURGE_FROM_S, SURGE_TO_S, Surge, Way
from netflix.resilience.tail import tail

AVAILABLE = 0.994  # of what people asked for, in the surge
ZONES = {zone: [f"{zone}{number}" for number in (1, 2, 3)] for zone in "abc"}
TTL_NS = 3600 * S
TAIL_MS = 150


def prefetch_surge(*, seed: int = 7, times: float = 12.0, shedding: bool = True) -> Outcome:
    """Let prefetch grow for twenty seconds; people press play meanwhile."""
    at_least(1, times=times)
    if times > TIMES_MAX:
        raise UsageError(f"times is {times:g}; it must be at most {TIMES_MAX:g}")
    way: Way = "priorities" if shedding else "none"
    seen = Surge(way, seed=seed, times=times).run()
    people, prefetch = seen.counts[Priority.PLAY], seen.counts[Priority.PREFETCH]
    during = people.availability(SURGE_FROM_S, SURGE_TO_S)
    after = people.availability(SURGE_TO_S + 1)
    flag = "" if shedding else " --no-shedding"
    shares = [(float(n), 100 * people.availability(n, n + 1)) for n in range(SECONDS)]
    return Outcome(
        title=f"prefetch is {times:g} times as much for {SURGE_TO_S - SURGE_FROM_S} s",
        verdicts=(
            Verdict(
                f"people are answered within a second, {AVAILABLE:.1%} of them",
                during >= AVAILABLE,
                f"{during:.2%} in the surge",
            ),
            Verdict("and a second after it, all is as it was", after >= AVAILABLE, f"{after:.2%}"),
        ),
        lines=(
            f"prefetch: {prefetch.availability(SURGE_FROM_S, SURGE_TO_S):.1%} of it in the surge",
        ),
        next_commands=(
            "kit break netflix prefetch-surge --no-shedding",
            "kit start netflix/shedding",
        ),
        replay=f"kit break netflix prefetch-surge --times {times:g}{flag} --seed {seed}",
        series=(Series("people answered in time", "%", tuple(shares)),),
    )


def slow_answers(
    *,
    seed: int = 7,
    requests: int = 8_000,
    slow: float = 20.0,
    often: float = 0.03,
    hedging: bool = True,
) -> Outcome:
    """Let a few of all answers take much longer, wherever they come from: no check of health fails."""
    at_least(400, requests=requests)
    at_least(1, slow=slow)
    at_least(0, often=often)
    share = SHARE if hedging else 0.0
    seen = tail(seed=seed, requests=requests, slow=slow, often=often, share=share)
    p50, p90, p99 = (seen.quantile_ms(share) for share in (0.5, 0.9, 0.99))
    count, more = len(seen.took_ns), seen.asked_more
    flag = "" if hedging else " --no-hedging"
    options = f"--requests {requests} --slow {slow:g} --often {often:g}{flag}"
    return Outcome(
        title=f"{often:.0%} of all answers take {slow:g} times as long",
        verdicts=(
            Verdict("everybody is answered, once", count == requests, f"{count:,} of {requests:,}"),
            Verdict(
                f"99 of 100 within {TAIL_MS} ms",
                p99 <= TAIL_MS,
                f"p50 {p50:.0f} ms, p90 {p90:.0f} ms, p99 {p99:.0f} ms",
            ),
            Verdict("at most a twentieth is asked twice", more <= SHARE + 0.005, f"{more:.1%}"),
        ),
        lines=("a hedge helps against bad luck; where a quarter is slow, its budget is soon gone",),
        next_commands=(
            "kit break netflix slow-answers --no-hedging",
            "kit break netflix slow-answers --often 0.25",
            "kit start netflix/hedging",
        ),
        replay=f"kit break netflix slow-answers {options} --seed {seed}",
    )


def zone_loss(*, seed: int = 7, keys: int = 2_000, warming: bool = True) -> Outcome:
    """Lose a zone of the replicated cache, write meanwhile, and let it come back empty."""
    at_least(1, keys=keys)
    rng, clock = Chance(seed).stream("keys"), VirtualClock()
    cache, latest = EvCache(ZONES, clock=clock), dict[str, bytes]()

    def write(version: int) -> None:
        key = f"k{rng.randrange(keys)}"
        latest[key] = f"{version}".encode()
        cache.set(key, latest[key], version, TTL_NS)

    def wrong(zone: str) -> int:
        return sum(cache.get(key, zone) != value for key, value in latest.items())

    for version in range(2 * keys):
        write(version)
    for node in cache.nodes["a"].values():
        node.is_up = False
        node.entries.clear()
    lost = wrong("a")
    for version in range(2 * keys, 2 * keys + keys // 2):
        write(version)
    for node in cache.nodes["a"].values():
        node.is_up = True
    if warming:
        cache.settle("a")
        cache.warm("a", "b")
    before = cache.from_afar
    stale = wrong("a")
    afar = cache.from_afar - before
    flag = "" if warming else " --no-warming"
    return Outcome(
        title=f"a zone of three is lost, and comes back empty: {len(latest):,} keys",
        verdicts=(
            Verdict(
                "its clients read on, from the other zones", not lost, f"{lost} wrong or missing"
            ),
            Verdict(
                "back again, nobody reads an old value", not stale, f"{stale} wrong or missing"
            ),
            Verdict(
                "and it is warm before anybody asks",
                not afar,
                f"{afar:,} reads went to another zone",
            ),
        ),
        lines=("a read from another zone has a longer way, and costs a write back",),
        next_commands=(
            "kit break netflix zone-loss --no-warming",
            "kit start netflix/replicated-cache",
        ),
        replay=f"kit break netflix zone-loss --keys {keys}{flag} --seed {seed}",
    )


def region_loss(
    *,
    seed: int = 7,
    minutes: int = 30,
    evacuate: bool = True,
    scale_first: bool = False,
    shed: bool = True,
) -> Outcome:
    """Lose the largest region; its viewers go to the others, or do not."""
    at_least(10, minutes=minutes)
    seen = outage("us-east", minutes, evacuate=evacuate, scale_first=scale_first, shed=shed)
    calm = outage("us-east", minutes, evacuate=False)
    late = sum(seen.failed[DETECT_S + SCALE_S + NAME_TTL_S :])
    words = [
        "" if evacuate else " --no-evacuate",
        " --scale-first" if scale_first else "",
        "" if shed else " --no-shed",
    ]
    asked = sum(region.demand for region in REGIONS.values())
    points = tuple(
        (n / 60, 100 * each / asked) for n, each in enumerate(seen.failed) if n % 60 == 0
    )
    return Outcome(
        title=f"the largest of {len(REGIONS)} regions is lost for {minutes} minutes",
        verdicts=(
            Verdict(
                "at most a fifth fails of what would without leaving",
                seen.failed_share <= 0.2 * calm.failed_share,
                f"{seen.failed_share:.1%} of plays, without {calm.failed_share:.1%}",
            ),
            Verdict(
                "after five minutes nobody notices", not late, f"{late:,.0f} plays failed later"
            ),
        ),
        lines=(
            f"{DETECT_S} s until it is believed, {SCALE_S} s for machines, {NAME_TTL_S} s for names",
        ),
        next_commands=("kit break netflix region-loss --no-shed", "kit start netflix/evacuation"),
        replay=f"kit break netflix region-loss --minutes {minutes}{''.join(words)} --seed {seed}",
        series=(Series("plays that fail", "%", points),),
    )
