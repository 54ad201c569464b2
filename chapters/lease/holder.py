"""A client that keeps a lease: it renews in good time, and stops by itself when it cannot.

    asked                    ⅓ ttl      ½ ttl      ⅔ ttl      ⅚ ttl    0.9 ttl
      ├─────────────────────────┼──────────┼──────────┼──────────┼───────┤ stop
      │  may act                renew      again      again      again   │  whatever the giver says
      └► answered somewhere here: that changes nothing

It counts from when it *asked*. The giver counts from later, when the question had arrived, and waits
for longer. So neither the way there nor the way back is taken off the lease of the next. Invariant:
while its clock loses less than a tenth of a term, `may_act` is false before anybody else's is true.

`may_act` is true of the moment in which it is asked. The process may be stopped right behind it, for
as long as you like, and act then: only a fence at the resource helps against that.
Source: Gray & Cheriton 1989, section 2; Chubby 2006, section 2.8. Page: docs/chapters/lease.md
"""

from collections.abc import Callable

from chapters.lease.lease import Lease
from chapters.lease.messages import Answer, Ask, Kind
from chapters.sim.clock import MS, Clock, S, Timer

RENEW_PARTS = 3  # the first renewal is after a third of the term,
RETRY_PARTS = 6  # the next tries a sixth of it apart
STOP_TENTHS = 9  # and the end after nine tenths: a slow clock has a tenth, and the giver's grace

LOOK_NS_MIN = 1 * MS  # clocks round: one that rings a nanosecond early must not ring for ever


class Holder:
    """Wants one lease, and keeps it. `send` may lose what it is given; answers go to `heard`.

    `on_start` and `on_stop` are called in the middle of a change: they must not call the holder.
    """

    def __init__(
        self,
        name: str,
        holder: str,
        ttl_s: float,
        *,
        clock: Clock,
        send: Callable[[Ask], object],
        on_start: Callable[[Lease], object],
        on_stop: Callable[[], object],
    ) -> None:
        self.name, self.holder, self.ttl_s = name, holder, ttl_s
        self.epoch = 0  # of the lease that it holds, 0 without one
        self._clock, self._send = clock, send
        self._on_start, self._on_stop = on_start, on_stop
        self._ttl_ns = round(ttl_s * S)
        self._began_ns = clock.now_ns()
        self._wants = False
        self._renew_ns = self._stop_ns = 0
        self._ended = 0  # the highest epoch that it has held and stopped
        self._timer: Timer | None = None

    @property
    def may_act(self) -> bool:
        """Return whether the lease is this holder's now, by its own clock."""
        return self.epoch > 0 and self._clock.now_ns() < self._stop_ns

    def start(self) -> None:
        """Want the lease from now on, and ask until it is given."""
        self._wants = True
        self._wake()

    def take_over(self) -> None:
        """Want the lease from now on, and take it from whoever has it."""
        self._wants = True
        self._ask(Kind.TAKE_OVER)
        self._look_again(self._clock.now_ns() + self._ttl_ns // RETRY_PARTS)

    def give_up(self) -> None:
        """Stop, want it no longer, and tell the giver, so that nobody has to wait for the end."""
        epoch, self._wants = self.epoch, False
        self._stop()
        if epoch:
            self._ask(Kind.RELEASE, epoch)

    def heard(self, answer: Answer) -> None:
        """Take in an answer of the giver, be it late, doubled, or meant for an earlier life."""
        if answer.asked_ns < self._began_ns or not self._wants:
            return
        if answer.lease is not None:
            self._granted(answer.lease, answer.asked_ns)
        elif answer.epoch:
            self.lost(answer.epoch)

    def lost(self, epoch: int) -> None:
        """Stop if `epoch` is the present one: the giver or the resource knows a later one."""
        if epoch == self.epoch > 0:
            self._stop()
            self._look_again(self._clock.now_ns() + self._ttl_ns // RETRY_PARTS)

    def _granted(self, lease: Lease, asked_ns: int) -> None:
        """Hold the lease from now on, or for longer; unless it is an old one, or over already.

        An epoch that was stopped under is never held again: somebody else may have been told.
        """
        stop_ns = asked_ns + self._ttl_ns * STOP_TENTHS // 10
        is_old = lease.epoch < self.epoch or lease.epoch <= self._ended
        if is_old or stop_ns <= self._clock.now_ns():
            return
        is_new = lease.epoch > self.epoch
        if is_new:
            self._stop()
            self.epoch, self._stop_ns, self._renew_ns = lease.epoch, 0, 0
        self._stop_ns = max(self._stop_ns, stop_ns)
        self._renew_ns = max(self._renew_ns, asked_ns + self._ttl_ns // RENEW_PARTS)
        self._look_again(min(self._renew_ns, self._stop_ns))
        if is_new:
            self._on_start(lease)

    def _wake(self) -> None:
        """Do what is due: stop, or renew, or ask for a lease; and look again when it is time."""
        now_ns = self._clock.now_ns()
        if self.epoch and now_ns >= self._stop_ns:
            self._stop()
        if not self.epoch:
            self._ask(Kind.ACQUIRE)
        elif now_ns >= self._renew_ns:
            self._ask(Kind.RENEW, self.epoch)
        again_ns = now_ns + self._ttl_ns // RETRY_PARTS
        self._look_again(min(again_ns, self._stop_ns) if self.epoch else again_ns)

    def _stop(self) -> None:
        """Hold nothing from now on."""
        if self._timer is not None:
            self._timer.cancel()
        if self.epoch:
            self._ended, self.epoch = self.epoch, 0
            self._on_stop()

    def _ask(self, kind: Kind, epoch: int = 0) -> None:
        now_ns = self._clock.now_ns()
        self._send(Ask(kind, self.name, self.holder, epoch, self.ttl_s, now_ns))

    def _look_again(self, at_ns: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait_ns = max(LOOK_NS_MIN, at_ns - self._clock.now_ns())
        self._timer = self._clock.call_later(wait_ns, self._wake)
