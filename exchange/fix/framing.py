"""Where one message ends and the next begins, in a stream of bytes that may be damaged.

    8=FIX.4.4␁ 9=65␁ 35=0␁34=2␁ … 56=ISLD␁ 10=178␁          ␁ is the byte 1
               │     └── so many bytes ──────┘ │
               length                          sum of all bytes before "10=", modulo 256

A message is found by its length and believed by its sum. What does not fit is *garbled*: it is left out
without an answer, since even its number may be wrong. The next message then shows a gap, and the gap
is asked for. So damage costs a little time and never an order.

Invariant: however the stream is cut into pieces, the same messages come out; garbage never raises.
Cost: O(bytes). Source: FIX 4.4, volume 2, "Standard Message Header" and "Garbled message".
Page: docs/exchange/fix.md
"""

from collections.abc import Iterator

from exchange.fix.errors import Garbled

MESSAGE_BYTES_MAX = 16_384  # an order is some 200; a length beyond this is damage, not a message
LENGTH_DIGITS_MAX = 6
START, TRAILER, SOH = b"8=", b"\x0110=", b"\x01"
TRAILER_BYTES = 7  # 10=178␁


def checksum(data: bytes) -> int:
    """Return the sum of all bytes, modulo 256: what tag 10 says in three digits."""
    return sum(data) % 256


def encode(begin: bytes, body: bytes) -> bytes:
    """Return `body` (from `35=` up to its last ␁) as a message, with length and sum."""
    head = b"8=%b\x019=%d\x01%b" % (begin, len(body), body)
    return b"%b10=%03d\x01" % (head, checksum(head))


class Framer:
    """Cuts a stream into messages; keeps what is not yet whole."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield every message that `data` completes, garbled ones too: `opened` tells them apart.

        A piece at a time, since a cut copies what comes after it: 256 KiB at once cost 30 times as much.
        """
        for start in range(0, len(data), MESSAGE_BYTES_MAX):
            self._buffer += data[start : start + MESSAGE_BYTES_MAX]
            while True:
                frame, self._buffer = cut(self._buffer)
                if frame is None:
                    break
                yield frame


def cut(buffer: bytes) -> tuple[bytes | None, bytes]:
    """Return (first message, what comes after it); (None, what to keep) while none is whole.

    It ends with the first trailer at or behind the place that its length points to. A wrong length so
    takes at most the next message with it. One that is no number, or beyond the limit, ends where the
    next message begins.
    """
    start = buffer.find(START)
    if start < 0:
        return None, buffer[-1:]  # half of a start, perhaps
    end = buffer.find(SOH, start)
    length = _length(buffer, end + 1) if end >= 0 else None
    if length is not None and length < 0:
        return _until_next(buffer, start)
    if length is None:
        return _wait(buffer, start)
    trailer = buffer.find(TRAILER, buffer.find(SOH, end + 1) + length)
    last = buffer.find(SOH, trailer + 1) if trailer >= 0 else -1
    if last < 0:
        return _wait(buffer, start)
    return buffer[start : last + 1], buffer[last + 1 :]


def _length(buffer: bytes, start: int) -> int | None:
    """Return the value of the `9=` at `start`: None while it is not all there, -1 if it is none."""
    end = buffer.find(SOH, start)
    digits = buffer[start + 2 : end if end >= 0 else None]
    is_length = buffer[start : start + 2] == b"9="[: len(buffer) - start]
    if not is_length or (digits and not digits.isdigit()) or len(digits) > LENGTH_DIGITS_MAX:
        return -1
    if end < 0:
        return None
    return int(digits) if digits and int(digits) <= MESSAGE_BYTES_MAX else -1


def _until_next(buffer: bytes, start: int) -> tuple[bytes | None, bytes]:
    """Return a garbled message up to where another begins; wait for that, but not for ever."""
    following = buffer.find(SOH + START, start)
    if following < 0:
        return _wait(buffer, start)
    return buffer[start : following + 1], buffer[following + 1 :]


def _wait(buffer: bytes, start: int) -> tuple[bytes | None, bytes]:
    if len(buffer) - start > 2 * MESSAGE_BYTES_MAX:
        return buffer[start:], b""
    return None, buffer[start:]


def opened(frame: bytes) -> bytes:
    """Return what is between length and sum, from `35=` on. Raises `Garbled`."""
    begin = frame.find(SOH) + 1
    body = frame.find(SOH, begin) + 1
    end = len(frame) - TRAILER_BYTES
    if frame[:2] != START or frame[begin : begin + 2] != b"9=" or not body:
        raise Garbled("the first two fields are not 8 and 9")
    if not frame[begin + 2 : body - 1].isdigit() or int(frame[begin + 2 : body - 1]) != end - body:
        raise Garbled("the length in tag 9 is not that of the message")
    if frame[end:] != b"10=%03d\x01" % checksum(frame[:end]):
        raise Garbled("the sum in tag 10 is not that of the message")
    if frame[body : body + 3] != b"35=":
        raise Garbled("the third field is not 35")
    return frame[body:end]


def demo() -> None:
    """A heartbeat, one with a flipped bit, and one that came in two pieces."""
    whole = encode(b"FIX.4.4", b"35=0\x0134=2\x0149=TW\x0152=20261128-09:30:00\x0156=ISLD\x01")
    damaged = whole.replace(b"ISLD", b"ISLE")
    framer = Framer()
    for piece in (whole + damaged + whole[:20], whole[20:]):
        print(f"{len(piece)} bytes came")
        for frame in framer.feed(piece):
            try:
                print("   message ", opened(frame).replace(b"\x01", b" ").decode())
            except Garbled as error:
                print("   garbled ", error)
