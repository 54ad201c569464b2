"""How an order may move, and how not.

    placed ─► authorised ─► accepted ─► paid ─► picked up ─► delivered
       └──────────┴────────────┴─────────┤  ◄──lost──┘
                                         ▼
                                    cancelling ─► cancelled

Invariant: an order moves along these arrows only, and `delivered` and `cancelled` are ends. What has
left the restaurant is not cancelled: it is delivered, or lost and cooked again.
Page: docs/zomato/ordering.md
"""

from enum import Enum

from zomato.errors import IllegalMove


class State(Enum):
    """Where an order is."""

    PLACED = "placed"
    AUTHORISED = "authorised"
    ACCEPTED = "accepted"
    PAID = "paid"
    PICKED_UP = "picked up"
    DELIVERED = "delivered"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class Event(Enum):
    """What can happen to an order."""

    AUTHORISE = "authorise"
    COOK = "cook"
    CAPTURE = "capture"
    PICK_UP = "pick up"
    LOSE = "lose"
    DELIVER = "deliver"
    CANCEL = "cancel"
    UNDO = "undo"


MOVES: dict[State, dict[Event, State]] = {
    State.PLACED: {Event.AUTHORISE: State.AUTHORISED, Event.CANCEL: State.CANCELLING},
    State.AUTHORISED: {Event.COOK: State.ACCEPTED, Event.CANCEL: State.CANCELLING},
    State.ACCEPTED: {Event.CAPTURE: State.PAID, Event.CANCEL: State.CANCELLING},
    State.PAID: {Event.PICK_UP: State.PICKED_UP, Event.CANCEL: State.CANCELLING},
    State.PICKED_UP: {Event.DELIVER: State.DELIVERED, Event.LOSE: State.PAID},
    State.CANCELLING: {Event.UNDO: State.CANCELLED},
    State.DELIVERED: {},
    State.CANCELLED: {},
}
ENDS = frozenset(state for state, moves in MOVES.items() if not moves)


def move(state: State, event: Event) -> State:
    """Return the state after the event. Raises `IllegalMove`, which names what would be possible."""
    moves = MOVES[state]
    if event not in moves:
        possible = ", ".join(each.value for each in moves) or "nothing: it is at its end"
        raise IllegalMove(f"{event.value}: the order is {state.value}; possible is {possible}")
    return moves[event]
