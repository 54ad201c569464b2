"""What the exchange promises when things go wrong, each promise put to the test.

Page: docs/exchange/breaking.md
"""

from chapters.sim.promises import FaultStory
from exchange.breaking.answers import lost_answers
from exchange.breaking.clearing import clearing_crash, settlement_fail
from exchange.breaking.crash import flash_crash
from exchange.breaking.feed import feed_loss, late_joiner, slow_consumer
from exchange.breaking.journal import corruption, full_disk, power, torn_tail
from exchange.breaking.killing import kill
from exchange.breaking.reckless import fat_finger, runaway_client
from exchange.breaking.sessions import fix_gap
from exchange.breaking.standby import (
    clock_jump,
    diverged_standby,
    split_brain,
    standby_lag,
    takeover,
)
from exchange.breaking.stations import failover

__all__ = ["FAULTS"]

FAULTS = {
    each.name: each
    for each in (
        FaultStory("kill", "kill -9 in mid-burst; clients resend", kill),
        FaultStory("power", "power failure after every single write", power),
        FaultStory("torn-tail", "the journal's last write cut short", torn_tail),
        FaultStory("corruption", "a flipped bit in the journal", corruption),
        FaultStory("lost-answers", "messages lost and repeated; clients ask again", lost_answers),
        FaultStory("full-disk", "the disk fills up while orders come in", full_disk),
        FaultStory("flash-crash", "a large seller, and makers who go home", flash_crash),
        FaultStory("fat-finger", "an order with the wrong number of digits", fat_finger),
        FaultStory("runaway-client", "orders in a loop without an end", runaway_client),
        FaultStory("feed-loss", "the feed's packets lost, repeated, out of order", feed_loss),
        FaultStory("late-joiner", "a subscriber comes late, one misses too much", late_joiner),
        FaultStory("slow-consumer", "readers who cannot keep up with the market", slow_consumer),
        FaultStory(
            "clearing-crash", "the clearing house killed after every single write", clearing_crash
        ),
        FaultStory(
            "settlement-fail", "a seller without shares, a buyer without money", settlement_fail
        ),
        FaultStory("takeover", "many rounds of bad weather over primary and standby", takeover),
        FaultStory("split-brain", "a primary that sleeps, or is cut off, and wakes", split_brain),
        FaultStory("standby-lag", "the line to the standby gets slow", standby_lag),
        FaultStory("diverged-standby", "a bit flips in the standby's memory", diverged_standby),
        FaultStory("clock-jump", "clocks set back, then a takeover", clock_jump),
        FaultStory("failover", "kill -9 and SIGSTOP of a real primary in mid-burst", failover),
        FaultStory("fix-gap", "FIX messages damaged both ways, and crashes", fix_gap),
    )
}
