"""A regime's orders against a running exchange over HTTP, in an open loop: what people would feel.

    the crowd's flow, drawn beforehand ──► each order sent when it is due, whether or not others wait
                                           ──► latency = answered - due, never answered - sent

A generator that waits for answers before it goes on asks least when the exchange is slowest, and
reports that all is well. A cancel needs the number that the exchange gave its order, so it waits for
that answer, and the wait is a part of its latency too. Page: docs/exchange/regimes.md
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import islice, takewhile
from typing import NamedTuple
from urllib.parse import urlencode

from chapters.errors import UsageError
from chapters.measure import Histogram, Load, open_loop, sparkline
from chapters.sim.clock import MS, S, SleepingClock, spell
from exchange.errors import NoAnswer
from exchange.floor.client import TIMEOUT_S, Client
from exchange.floor.crowd import Flow, Timed, Wish, alone, command_of
from exchange.order_json import Json, price_text
from exchange.orders import BUY, Cancel, Replace

WORKERS = 64  # requests that can be under way at once


class Sent(NamedTuple):
    """What became of a load: rates in messages a second, latencies in ns from when each was due."""

    load: Load
    asked: float  # rate
    busiest: int  # messages that were due in the busiest second
    refused: dict[str, int]  # by reason
    p99_by_second: list[int]


def drive(
    address: str,
    flow: Flow,
    seconds: float,
    *,
    clock: SleepingClock,
    workers: int = WORKERS,
    on_progress: Callable[[float], object] = lambda share: None,
) -> Sent:
    """Send the flow's orders for so many seconds and return what came back, and when.

    The warm-up goes first and is not measured. Raises `UsageError` when nobody answers at `address`.
    """
    messages = alone(flow)
    warm_up = list(islice(messages, flow.warm_up))
    due = list(takewhile(lambda each: each.at_ns < seconds * S, messages))
    if not due:
        raise UsageError(f"no order is due within {seconds} s: take more seconds or a higher rate")
    with Client(address) as client:
        desk = _Desk(client, run=f"load-{client.status()['sequence']}-")
        if warm_up:
            at_once = [0] * len(warm_up)
            open_loop(lambda i: desk.send(warm_up[i]), at_once, clock=clock, workers=workers)
            desk.refused.clear()
        load, latencies = _timed(desk, due, clock, workers, on_progress)
    p99s = _p99s(due, latencies)
    return Sent(load, len(due) / seconds, busiest(due), dict(desk.refused), p99s)


def _timed(
    desk: "_Desk",
    due: Sequence[Timed],
    clock: SleepingClock,
    workers: int,
    on_progress: Callable[[float], object],
) -> tuple[Load, list[int]]:
    """Send what is due; return the load, and each message's latency in ns."""
    start_ns, latencies = clock.now_ns(), [0] * len(due)

    def send(index: int) -> None:
        desk.send(due[index])
        latencies[index] = clock.now_ns() - start_ns - due[index].at_ns
        on_progress((index + 1) / len(due))

    return open_loop(send, [each.at_ns for each in due], clock=clock, workers=workers), latencies


def busiest(due: Sequence[Timed]) -> int:
    """Return how many messages are due in the busiest second."""
    return max(Counter(each.at_ns // S for each in due).values())


def _p99s(due: Sequence[Timed], latencies: list[int]) -> list[int]:
    seconds: dict[int, Histogram] = {}
    for each, latency in zip(due, latencies, strict=True):
        seconds.setdefault(each.at_ns // S, Histogram()).add(max(0, latency))
    return [seconds[second].percentile(99) for second in sorted(seconds)]


class _Desk:
    """Sends messages, and remembers the number that the exchange gave to each order."""

    def __init__(self, client: Client, run: str) -> None:
        self.refused: Counter[str] = Counter()
        self._client = client
        self._run = run
        self._symbol = client.symbol
        self._numbers: dict[int, Future[int]] = {}

    def send(self, timed: Timed) -> None:
        """Send one message and wait for its answer. Raises `NoAnswer`."""
        message = timed.message
        number = self._numbers.setdefault(message.order_id, Future())
        # Its order was sent before it, so an answer is on its way: this wait has an end.
        wish = command_of(message, self._symbol, lambda own: number.result(TIMEOUT_S), self._run)
        try:
            answer = self._client.ask(*request_of(wish))
        except NoAnswer:
            if not number.done():
                number.set_result(0)
            raise
        if not number.done():
            number.set_result(answer.get("order_id", 0))
        if "reason" in answer:
            self.refused[answer["reason"]] += 1


Request = tuple[str, str, Json | None]


def request_of(wish: Wish) -> Request:
    """Return (method, path, body) of a command."""
    if isinstance(wish, Cancel):
        query = urlencode({"account": wish.account, "symbol": wish.symbol})
        return "DELETE", f"/api/orders/{wish.order_id}?{query}", None
    if isinstance(wish, Replace):
        body = {"account": wish.account, "symbol": wish.symbol, "quantity": wish.quantity}
        price = price_text(wish.price)
        return "PATCH", f"/api/orders/{wish.order_id}", {**body, "price": price}
    body = {
        "account": wish.account,
        "client_id": wish.client_id,
        "symbol": wish.symbol,
        "side": "buy" if wish.side == BUY else "sell",
        "quantity": wish.quantity,
        "time_in_force": wish.life.value,
        "self_trade": wish.self_trade.value,
    }
    return "POST", "/api/orders", {**body, "price": price_text(wish.price or 0)}


def report(flow: Flow, sent: Sent) -> Json:
    """Return the report for programs; latencies in milliseconds."""
    latency = sent.load.latency
    percentiles = {f"p{each}_ms": latency.percentile(each) / MS for each in (50, 90, 99)}
    return {
        "asked_per_second": round(sent.asked, 1),
        "busiest_second": sent.busiest,
        "sent": sent.load.sent,
        "answered_per_second": round(sent.load.rate_per_s, 1),
        "failed": sent.load.failed,
        "refused": sent.refused,
        **({} if not latency.count else {**percentiles, "max_ms": latency.max / MS}),
        "p99_ms_by_second": [each / MS for each in sent.p99_by_second],
        "seed": flow.seed,
    }


def told(sent: Sent) -> list[str]:
    """Return the report for people."""
    load, latency = sent.load, sent.load.latency
    lines = [
        f"asked     {sent.asked:>8,.0f}/s in the mean, {sent.busiest:,} in the busiest second",
        f"answered  {load.rate_per_s:>8,.0f}/s; {load.sent:,} sent, {load.failed:,} failed",
        f"refused   {sum(sent.refused.values()):>8,}   "
        + ", ".join(f"{reason} {count:,}" for reason, count in sorted(sent.refused.items())),
    ]
    if latency.count:
        p50, p99 = (spell(latency.percentile(each)) for each in (50, 99))
        lines.append(
            f"latency   p50 {p50}, p99 {p99}, at most {spell(latency.max)}: since it was due"
        )
        worst = spell(max(sent.p99_by_second))
        seconds = sparkline([float(each) for each in sent.p99_by_second])
        lines.append(f"p99 by second  {seconds}  at most {worst}")
    return [line.rstrip() for line in lines]
