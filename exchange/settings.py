"""What the processes of one server are told, by the one that starts them, through the environment.

Page: docs/exchange/gateway.md
"""

from dataclasses import dataclass

from chapters.portal import parts

VARIABLE = "KIT_EXCHANGE"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server's two processes are told, through the environment."""

    folder: str
    host: str
    feed_port: int
    symbol: str
    seed: int
    per_second: float
    regime: str = "calm"
    day_minutes: int = 0
    fix: tuple[int, str, str] = (0, "", "")  # port, accounts, the exchange's CompID
    standby: bool = False  # machines behind the page, their folders beside the journal's

    def tell(self) -> None:
        """Let the processes that are started from now on read these."""
        parts.tell(VARIABLE, self)

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings of this process. Raises `UsageError` when it was started alone."""
        return parts.told(VARIABLE, cls, "kit serve exchange")
