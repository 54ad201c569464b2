"""The event stream's process: it follows a journal that another writes, and serves the board of it.

Page: docs/exchange/market-data.md
"""

import asyncio
from contextlib import suppress
from pathlib import Path

from chapters.sim.real import RealDisk
from exchange.board.board import Board
from exchange.board.wire import serve_board
from exchange.sequencer import Follower
from exchange.spectator import Spectator

EVERY_S = 0.05  # a picture is sent at most 20 times a second


def follow(folder: Path, host: str, port: int) -> None:
    """Serve what happens in `folder`'s journal at `port`, until told to stop. Raises `PortInUse`."""
    spectator = Spectator(Follower(disk=RealDisk(folder)))
    board = Board(spectator.place)
    with suppress(asyncio.CancelledError):
        asyncio.run(serve_board(host, port, board, spectator.poll, EVERY_S))
