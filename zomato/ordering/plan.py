"""The way of an order through three houses that know nothing of each other.

    gateway: authorise ─► kitchen: cook ─► gateway: capture ─► riders: deliver
             release   ◄─          recall ◄─         refund ◄─         call back

Page: docs/zomato/ordering.md
"""

from chapters.saga import Plan, Step
from zomato.ordering.states import Event

PLAN = Plan(
    Step("authorise", "release"),
    Step("cook", "recall"),
    Step("capture", "refund"),
    Step("deliver", "call back"),
)
TOPICS = {
    "authorise": "gateway", "release": "gateway", "capture": "gateway", "refund": "gateway",
    "cook": "kitchen", "recall": "kitchen", "deliver": "riders", "call back": "riders",
}  # fmt: skip
DONE_EVENTS = {
    "authorise": Event.AUTHORISE,
    "cook": Event.COOK,
    "capture": Event.CAPTURE,
    "deliver": Event.DELIVER,
}
