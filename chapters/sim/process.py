"""Programs that can be killed, restarted, paused and resumed while their messages are under way.

    running ──kill──► dead      messages vanish, timers never ring, memory is gone
       │ ▲              └─restart─► running again, from `boot`: only its disk is as it was
     pause resume
       ▼ │
     paused                     messages and timers wait, then all come at once, late

Invariant: a dead process's timers never run in its successor. Pausing is the subtle fault: after a
long garbage collection or a moved virtual machine, a process acts on a world that has moved on.
Page: docs/chapters/sim.md
"""

from collections.abc import Callable
from dataclasses import dataclass

from chapters.sim.clock import Clock, SkewedClock, Timer
from chapters.sim.disk import SimDisk
from chapters.sim.errors import Runaway
from chapters.sim.network import Handler, Network

WAITING_MAX = 100_000  # deliveries and timers kept for one paused process

Boot = Callable[["Process"], Handler]


class Process:
    """A running program's view of its machine: a clock, a disk, a way to send. It is a `Clock`."""

    def __init__(self, name: str, *, clock: SkewedClock, network: Network, disk: SimDisk) -> None:
        self.name = name
        self.clock = clock
        self.disk = disk
        self.alive = True
        self.paused = False
        self._network = network
        self._waiting: list[Callable[[], object]] = []

    def now_ns(self) -> int:
        return self.clock.now_ns()

    def call_later(self, delay_ns: int, callback: Callable[[], object]) -> Timer:
        """Run `callback` in `delay_ns` by this machine's clock, unless the process dies first."""
        return self.clock.call_later(delay_ns, lambda: self._when_running(callback))

    def send(self, target: str, message: object) -> None:
        """Send from this process; what a dead one still tries to say is not said."""
        if self.alive:
            self._network.send(self.name, target, message)

    def receive(self, handler: Handler) -> Handler:
        """Return `handler`, deferred while the process is paused and silenced when it is dead."""
        return lambda source, message: self._when_running(lambda: handler(source, message))

    def resume(self) -> None:
        """Go on, first with everything that waited, in its order."""
        self.paused = False
        waiting, self._waiting = self._waiting, []
        for callback in waiting:
            self._when_running(callback)

    def _when_running(self, callback: Callable[[], object]) -> None:
        if not self.alive:
            return
        if not self.paused:
            callback()
        elif len(self._waiting) < WAITING_MAX:
            self._waiting.append(callback)
        else:
            raise Runaway(f"{self.name} is paused and {WAITING_MAX} events wait; resume it earlier")


@dataclass(frozen=True, slots=True)
class _Machine:
    boot: Boot
    clock: SkewedClock
    disk: SimDisk


class Processes:
    """Every program of a simulation by name, one per machine."""

    def __init__(self, *, clock: Clock, network: Network) -> None:
        self._clock = clock
        self._network = network
        self._machines: dict[str, _Machine] = {}
        self._running: dict[str, Process] = {}

    def start(self, name: str, boot: Boot, disk: SimDisk) -> Process:
        """Start a program: `boot(process)` sets it up and returns what handles its messages."""
        self._machines[name] = _Machine(boot, SkewedClock(self._clock), disk)
        return self._boot(name)

    def names(self) -> list[str]:
        """Return all names, also of the dead, in the order of their first start."""
        return list(self._machines)

    def process(self, name: str) -> Process:
        """Return the running (or last) incarnation."""
        return self._running[name]

    def kill(self, name: str) -> None:
        """`kill -9`: memory is gone; what was written, even unsynced, is still with the kernel."""
        self._running[name].alive = False
        self._network.detach(name)

    def crash(self, name: str) -> None:
        """Pull the machine's plug: also the disk forgets what was not synced."""
        self.kill(name)
        self._machines[name].disk.crash()

    def restart(self, name: str) -> None:
        """Boot again from the disk; a process that is still running is killed first."""
        self.kill(name)
        self._boot(name)

    def pause(self, name: str) -> None:
        """`kill -STOP`: it is silent, and does not know it."""
        self._running[name].paused = True

    def resume(self, name: str) -> None:
        """`kill -CONT`."""
        self._running[name].resume()

    def step_clock(self, name: str, jump_ns: int) -> None:
        """Let the machine's clock jump, forwards or back."""
        self._machines[name].clock.step_by(jump_ns)

    def _boot(self, name: str) -> Process:
        machine = self._machines[name]
        process = Process(name, clock=machine.clock, network=self._network, disk=machine.disk)
        self._running[name] = process
        self._network.attach(name, process.receive(machine.boot(process)))
        return process
