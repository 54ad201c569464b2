"""What the processes of `kit serve exchange` are told by the one that starts them.

Page: docs/exchange/gateway.md
"""

import json
import os
from dataclasses import asdict, dataclass

from chapters.errors import UsageError

SETTINGS = "KIT_EXCHANGE"  # the environment variable that tells the server's processes


@dataclass(frozen=True, slots=True)
class Settings:
    """What the server's two processes are told, through the environment."""

    folder: str
    host: str
    feed_port: int
    symbol: str
    seed: int
    per_second: float
    day_minutes: int = 0
    fix: tuple[int, str, str] = (0, "", "")  # port, accounts, the exchange's CompID

    def leave(self) -> None:
        """Leave them where this process's children find them."""
        os.environ[SETTINGS] = json.dumps(asdict(self))

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings of this process. Raises `UsageError` when it was started alone."""
        try:
            return cls(**json.loads(os.environ[SETTINGS]))
        except (KeyError, TypeError, ValueError):
            raise UsageError("this is a part of `kit serve exchange`; start that") from None
