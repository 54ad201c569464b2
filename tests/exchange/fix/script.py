"""Conversations written down: what a client sends, what it must hear, and how much time passes.

    > D 2 11=a 55=ACME …      send a message of that type under that number
    > 0 3 52=-121             a SendingTime of so many seconds before now; 122 likewise
    >> 8=FIX.4.4|9=5|…        send exactly these bytes, | for the byte 1
    < 8 2 150=0 39=0          hear one: type, number, and among its fields these, or `!tag` for none
    pass 6.5                  let that many seconds pass
    closed · open             the connection is, or is not, hung up on
    again                     the client hangs up and connects anew
    # anything                a remark; "== name" begins the next conversation

Whatever is heard must be written down: a message that nobody expects fails.
"""

import re
from pathlib import Path

from chapters.sim.clock import S
from exchange.fix import tags
from exchange.fix.framing import encode
from exchange.fix.message import parse, text
from exchange.fix.timestamps import stamp


def conversations(name):
    """Return (title, lines) of each conversation in the file of that name beside this one."""
    found, title = {}, ""
    for line in (Path(__file__).parent / name).read_text("utf-8").splitlines():
        if line.startswith("== "):
            title = line.removeprefix("== ")
            assert title not in found, title
            found[title] = []
        elif line.strip() and not line.startswith("#"):
            found[title].append(line)
    return list(found.items())


class Stage:
    """A client without a mind of its own, at a line to an acceptor."""

    def __init__(self, acceptor, clock, settle, *, ours, theirs):
        self.acceptor, self.clock, self.settle = acceptor, clock, settle
        self.ours, self.theirs = ours, theirs
        self.connect()

    def connect(self):
        self.heard = []
        self.line = self.acceptor.connect(self.clock.now_ns())

    def play(self, lines):
        for line in lines:
            verb, _, rest = line.partition(" ")
            getattr(self, f"do_{ {'>': 'send', '>>': 'raw', '<': 'hear'}.get(verb, verb) }")(rest)
        assert not self.heard, f"nobody expected {self.heard[0]}"

    def do_send(self, rest):
        kind, number, *words = rest.split()
        fields = dict(re.match(r"(-?\d+)=(.*)", word).groups() for word in words)
        header = {
            "34": number,
            "49": fields.pop("49", self.theirs),
            "52": self.time(fields.pop("52", "0")),
            "56": fields.pop("56", self.ours),
        }
        if "122" in fields:
            fields["122"] = self.time(fields["122"])
        marks = {tag: fields.pop(tag) for tag in ("43", "97", "122", "115", "128") if tag in fields}
        if kind in tuple("DFGq") and "60" not in fields:
            fields["60"] = self.time("0")
        body = [
            (int(tag), value.replace("_", " ")) for tag, value in (header | marks | fields).items()
        ]
        begin = fields.pop("8", tags.VERSION)
        self.receive(encode(begin.encode(), text(kind, [each for each in body if each[0] != 8])))

    def time(self, seconds):
        """Return a time so many seconds from now; one that is written out, as it is."""
        if not re.fullmatch(r"[+-]?\d{1,6}", seconds):
            return seconds
        return stamp(self.clock.now_ns() + int(seconds) * S)

    def do_raw(self, rest):
        self.receive(rest.replace("|", "\x01").encode("latin-1"))

    def receive(self, data):
        self.line.received(data, self.clock.now_ns())
        self.listen()

    def listen(self):
        self.settle()
        frames = self.line.take()
        for frame in frames:
            assert re.fullmatch(rb"8=FIX\.4\.4\x01.*\x0110=\d{3}\x01", frame, re.S)
        self.heard += [parse(frame.split(b"\x01", 2)[2][:-7]) for frame in frames]

    def do_hear(self, rest):
        kind, number, *words = rest.split(" ")
        assert self.heard, f"nothing was said; expected {rest}"
        message = self.heard.pop(0)
        assert (message.type, message.get(34)) == (kind, number), f"{message}; expected {rest}"
        for word in words:
            if word.startswith("!"):
                assert int(word[1:]) not in message, f"{message} has {word[1:]}"
            else:
                tag, _, value = word.partition("=")
                assert message.get(int(tag)) == value.replace("_", " "), (
                    f"{message}; expected {word}"
                )

    def do_pass(self, rest):
        until_ns = self.clock.now_ns() + round(float(rest) * S)
        while self.clock.now_ns() < until_ns:
            self.clock.advance(S // 10)
            self.acceptor.tick(self.clock.now_ns())
            self.listen()

    def do_closed(self, rest):
        assert self.line.is_closing, "the connection is still open"

    def do_open(self, rest):
        assert not self.line.is_closing, "the connection is closing"

    def do_again(self, rest):
        assert not self.heard, f"nobody expected {self.heard[0]}"
        self.line.gone()
        self.settle()
        self.connect()
