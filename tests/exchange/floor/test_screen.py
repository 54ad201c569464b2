"""The terminal view: it fits, says everything without colour, and Ctrl-C leaves nothing broken."""

import os
import pty
import signal
import subprocess
import sys

import pytest

from exchange.floor.crowd import Flow
from exchange.floor.regimes import REGIMES
from exchange.floor.screen import Frame, draw, watched
from exchange.market_data import DepthLevel, Trade
from exchange.orders import BUY, SELL

COMMAND = [sys.executable, "-m", "chapters.cli", "run", "exchange/floor"]


def text(view, width=80):
    return ["".join(span for span, _ in line) for line in draw(view, width)]


@pytest.mark.parametrize("regime", REGIMES)
@pytest.mark.parametrize("width", [72, 80, 103, 104, 200])
def test_every_frame_fits_its_terminal(regime, width):
    for view in list(watched(Flow(REGIMES[regime], 7, 150.0), regime, 4))[::5]:
        assert max(map(len, text(view, width))) <= width


def test_bids_are_left_asks_right_and_marks_say_who_took():
    bids, asks = [DepthLevel(1004, 30, 1)], [DepthLevel(1006, 60, 2)]
    trades = [Trade(9, 1005, 7, BUY), Trade(8, 1004, 3, SELL)]
    view = Frame("ACME", "calm", "continuous", 1.0, 9.0, 50.0, bids, asks, trades, [1004, 1005])
    lines = text(view)
    level = next(line for line in lines if "10.04" in line and "│" in line)
    left, _, right = level.partition("│")
    assert left.split() == ["█████████", "30", "10.04"]
    assert right.split() == ["10.06", "60", "█" * 18 + "█"]
    assert "10.05 ▲" in lines[0] and "spread 0.02" in lines[0] and "continuous" in lines[0]
    assert "▲ 7 @ 10.05  ▼ 3 @ 10.04" in lines[-1]


def test_an_empty_market_is_drawn_too():
    view = Frame("ACME", "thin", "halted", 0.0, 9.0, 0.0, [], [], [], [])
    assert "no trade yet" in text(view)[0] and "one-sided" in text(view)[0]
    assert "halted" in text(view, 120)[0]


@pytest.mark.parametrize("width", [72, 80, 120])
@pytest.mark.parametrize("phase", ["halted", "closed"])
def test_a_market_that_takes_no_orders_says_so_in_its_head_line(phase, width):
    trades = [Trade(9, 1005, 7, BUY)]
    levels = [DepthLevel(1004, 30, 1)], [DepthLevel(1006, 60, 2)]
    view = Frame("ACME", "served", phase, 1.0, 9.0, 50.0, *levels, trades, [1005])
    assert f"{phase}: takes no orders" in text(view, width)[0]


def test_a_pipe_gets_a_few_frames_without_waiting_and_without_colour():
    done = subprocess.run(
        [*COMMAND, "--regime", "crash", "--seconds", "900", "--per-second", "5"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.count("ACME") == 3
    assert "900 s of 900" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_wrong_regime_is_one_line():
    done = subprocess.run(
        [*COMMAND, "--regime", "mad"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "there are calm, open, news" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_ctrl_c_in_a_terminal_shows_the_cursor_again():
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "--seconds", "600"], stdin=slave, stdout=slave, stderr=slave,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "80"}, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    seen = b""
    while seen.count(b"ACME") < 3:
        seen += os.read(master, 65_536)
    process.send_signal(signal.SIGINT)
    try:
        while chunk := os.read(master, 65_536):
            seen += chunk
    except OSError:
        pass  # the terminal is gone with its last process
    assert process.wait(30) == 130
    assert b"Traceback" not in seen
    assert seen.rfind(b"\x1b[?25h") > seen.rfind(b"\x1b[?25l") >= 0
    os.close(master)
