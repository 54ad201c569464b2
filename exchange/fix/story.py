"""Two traders speak FIX with an exchange, over a line that damages some of their messages.

Page: docs/exchange/fix.md
"""

import re

from chapters.sim import MS
from exchange.errors import within
from exchange.fix.world import DAMAGE_MAX, World

TITLE = "FIX: orders over a line that is not to be trusted"
ORDERS_MAX = 100

_KINDS = {
    "A": "Logon", "0": "Heartbeat", "1": "TestRequest", "2": "ResendRequest", "3": "Reject",
    "4": "SequenceReset", "5": "Logout", "D": "NewOrderSingle", "F": "OrderCancelRequest",
    "8": "ExecutionReport", "9": "OrderCancelReject",
}  # fmt: skip
_SHOWN = {
    "7": "from", "36": "next is", "43": "again", "11": "", "38": "lots", "44": "at", "150": "",
    "14": "filled", "151": "open", "58": "",
}  # fmt: skip
_EXECS = {"0": "new", "4": "canceled", "5": "replaced", "8": "refused", "F": "trade", "I": "status"}


def demo(*, seed: int = 7, orders: int = 4, damage: float = 0.2) -> None:
    """Let two traders send orders; show every message, and what became of those that were damaged."""
    within(1, ORDERS_MAX, orders=orders)
    within(0, DAMAGE_MAX, damage=damage)
    world = World(seed, damage=damage)
    world.log = lambda line: _show(world, line)
    print(f"{damage:.0%} of the messages are damaged; number, type, and what matters of the rest\n")
    world.step()
    for number in range(orders):
        world.trade(number)
    world.damage = 0
    world.run(6_000 * MS)
    heard = [len(trader.exec_ids) for trader in world.traders]
    entered = world.exchange.sequencer.replica.engine.last_order_id
    print(f"\n{entered} orders entered; ADA and BEN have heard {heard[0]} and {heard[1]} reports")


def _show(world: World, line: str) -> None:
    """Print a message in words; heartbeats are passed over."""
    arrow, frame = line.split(" 8=", 1)
    fields = dict(re.findall(r"(?:^| )(\d+)=(\S*)", frame))
    if fields["35"] == "0" and "damaged" not in line:
        return
    words = [_word(tag, fields[tag]) for tag in _SHOWN if tag in fields]
    mark = "✘" if "damaged" in line else " "
    kind = _KINDS.get(fields["35"], fields["35"])
    at_s = world.clock.now_ns() / (1000 * MS)
    print(f"{at_s:5.1f} s  {arrow} {mark} {fields['34']:>3}  {kind:18} {' '.join(words)}".rstrip())


def _word(tag: str, value: str) -> str:
    if tag == "43":
        return "(again)"
    return f"{_SHOWN[tag]} {_EXECS.get(value, value) if tag == '150' else value}".strip()
