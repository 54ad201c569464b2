"""Terminal output as HTML: colours and weights become classes, everything else is dropped."""

import re
from collections.abc import Iterator
from html import escape

ESCAPES = re.compile(
    r"\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"  # OSC: titles, hyperlinks
    r"|\x1b\[(?P<codes>[?\d;:]*)(?P<final>[@-~])"  # CSI: `m` sets colour and weight
    r"|\x1b[@-Z\\-_]"
)
COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
WEIGHTS = {1: "bold", 2: "dim", 3: "italic", 4: "underline", 7: "reverse"}


def settle(text: str) -> str:
    """Return what is left on the screen: a line that was rewritten shows its last state."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in lines)


def to_html(text: str) -> str:
    """Return `text` with its ANSI styles as `<span class="t-…">`."""
    parts = [
        f'<span class="{" ".join(classes)}">{escape(run)}</span>' if classes else escape(run)
        for classes, run in runs(settle(text))
    ]
    return "".join(parts)


def runs(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Stretches of text with the classes that hold for each."""
    style: dict[str, str] = {}
    start = 0
    for match in ESCAPES.finditer(text):
        if match.start() > start:
            yield tuple(style.values()), text[start : match.start()]
        start = match.end()
        if match["final"] == "m":
            apply(match["codes"], style)
    if start < len(text):
        yield tuple(style.values()), text[start:]


def apply(codes: str, style: dict[str, str]) -> None:
    """Change `style` as the SGR parameters `codes` say (ECMA-48 §8.3.117)."""
    queue = [int(code) if code else 0 for code in re.split("[;:]", codes)]
    while queue:
        code = queue.pop(0)
        if code == 0:
            style.clear()
        elif code in WEIGHTS:
            style[WEIGHTS[code]] = f"t-{WEIGHTS[code]}"
        elif code == 22:
            style.pop("bold", None)
            style.pop("dim", None)
        elif code in (23, 24, 27):
            style.pop(WEIGHTS[code - 20], None)
        else:
            colour(code, queue, style)


def colour(code: int, queue: list[int], style: dict[str, str]) -> None:
    """Foreground and background: 8 colours, 8 bright ones; of the 256 only those sixteen."""
    layer = "fg" if code in range(30, 40) or code in range(90, 98) else "bg"
    prefix = "t-" if layer == "fg" else "t-on-"
    if code in (39, 49):
        style.pop(layer, None)
    elif code in (38, 48):
        extended(queue, layer, prefix, style)
    elif code % 10 < 8:
        style[layer] = prefix + COLOURS[code % 10]


def extended(queue: list[int], layer: str, prefix: str, style: dict[str, str]) -> None:
    """`38;5;N` and `38;2;R;G;B`: keep the nearest of our own colours."""
    kind = queue.pop(0) if queue else 0
    if kind == 5 and queue:
        style[layer] = prefix + COLOURS[indexed(queue.pop(0))]
    elif kind == 2 and len(queue) >= 3:
        red, green, blue = (queue.pop(0) for _ in range(3))
        style[layer] = prefix + COLOURS[nearest(red, green, blue)]


def indexed(number: int) -> int:
    """The colour of the 256-colour table that is nearest to one of our eight."""
    if number < 16:
        return number % 8
    if number >= 232:
        return 7 if number > 243 else 0
    level = number - 16
    return nearest(level // 36 * 51, level // 6 % 6 * 51, level % 6 * 51)


def nearest(red: int, green: int, blue: int) -> int:
    """One bit a channel, relative to the brightest of the three."""
    half = max(red, green, blue) * 0.6
    return sum(1 << bit for bit, level in enumerate((red, green, blue)) if level and level >= half)
