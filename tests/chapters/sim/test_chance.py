"""Streams of luck: stable, separate, and the same in every process."""

import os
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from chapters.sim import Chance

PRINT_ALL = """
from chapters.sim.story import weather
from chapters.sim.teller import Rules, open_for_a_day
from chapters.sim import Chance, storm, S
print(Chance(7).stream("network").random())
for seed in range(5):
    day = open_for_a_day(seed, weather(seed), Rules(sync=False, remember=False))
    print(day.digest, day.confirmed, day.account)
    print(*day.transcript, sep="\\n")
"""


@given(st.integers(), st.text(), st.text(), st.integers(0, 20))
def test_drawing_from_one_stream_never_disturbs_another(
    seed: int, name: str, other: str, draws: int
) -> None:
    if name == other:
        return
    quiet, busy = Chance(seed), Chance(seed)
    for _ in range(draws):
        busy.stream(other).random()
    assert quiet.stream(name).random() == busy.stream(name).random()


def test_the_same_name_is_the_same_stream() -> None:
    chance = Chance(7)
    assert chance.stream("a") is chance.stream("a")
    assert chance.stream("a").random() != chance.stream("b").random()
    assert Chance(7).stream("a").random() != Chance(8).stream("a").random()


def test_a_run_is_the_same_byte_for_byte_under_any_hash_seed() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PRINT_ALL],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1", "4711")
    }
    assert len(outputs) == 1
    assert b"teller    books deposit" in outputs.pop()
