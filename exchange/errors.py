"""What can go wrong at the exchange, beyond an order that is refused (those are events, not errors).

    KitError
    ├── Definite
    │   ├── Halted          503  nothing was journalled: send the order again later
    │   ├── NotRunning      409  a machine that is dead or stopped already cannot be killed or stopped
    │   ├── BadFlow         400  a file of orders cannot be read
    │   ├── BadCalendar          holidays that leave no business day
    │   ├── BooksDiffer          what is cleared again is not what was cleared
    │   ├── NotKept              messages that somebody missed are gone: a snapshot has what they did
    │   ├── CannotCompile        a tool is missing, or the compiler refused
    │   ├── NotBuilt             compiled modules were asked for, and there are none of these sources
    │   ├── NoMulticast          the feed cannot be sent or heard at that address on this machine
    │   └── BadFeed              what came is no packet of this feed, or does not fit what came before
    ├── Indefinite
    │   ├── NoAnswer             over HTTP: the exchange did not answer, or with an error
    │   └── Unacknowledged  504  the order may be in the journal: ask for it by its client id
    └── UsageError
        └── BadOrder        400  the words of an order are wrong, before it reaches the engine
            └── NotTraded        a symbol that this exchange does not trade; 404 where it names a place

    BadRecord (Definite)         the journal holds something that this version did not write

Page: docs/exchange/orders.md
"""

from chapters.errors import Definite, Indefinite, UsageError


class Halted(Definite):
    """The exchange takes no orders now; nothing was journalled. HTTP 503."""


class NotRunning(Definite):
    """A machine's process is not in a state in which that can be done to it. HTTP 409."""


class Unacknowledged(Indefinite):
    """The order may or may not be journalled; ask for it by its client id. HTTP 504."""


class NoAnswer(Indefinite):
    """The exchange did not answer a request, or with an error: it may have done what was asked."""


class BadOrder(UsageError):
    """A field of an order cannot be read; the message names it. HTTP 400."""


class NotTraded(BadOrder):
    """A symbol that this exchange does not trade."""


class BadFlow(Definite):
    """A file of orders is damaged or of an unknown format."""


class BadCalendar(Definite):
    """A list of holidays after which no business day comes."""


class BooksDiffer(Definite):
    """A day's executions are not those that its obligations were made of."""


class BadFeed(Definite):
    """Bytes that are no packet of this feed, or messages that do not fit those before them."""


class NotKept(Definite):
    """Messages were asked for that are not kept any more, or not there yet."""


class NoMulticast(Definite):
    """A socket for the feed cannot be had; the message names an address that can."""


class CannotCompile(Definite):
    """The engine could not be compiled; the message names the tool that is missing, or why it refused."""


class NotBuilt(Definite):
    """Compiled modules were asked for, and there are none of the present sources."""


class BadRecord(Definite):
    """The journal or a snapshot holds something that this version did not write."""


def within(least: float, most: float, **knobs: float) -> None:
    """Raise `UsageError` naming the first of `knobs` that is not between `least` and `most`."""
    for name, value in knobs.items():
        if not least <= value <= most:
            word = name.replace("_", "-")
            raise UsageError(f"--{word} is {value}; it must be {least} to {most}")
