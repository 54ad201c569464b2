"""How events reach many readers."""

from weaving.diagram import Diagram


def fan_out() -> str:
    """One source, a history, a bounded queue for each reader."""
    drawing = Diagram(700, 250)
    source = drawing.box(0, 100, "source", "what happens")
    server = drawing.box(195, 100, "publish", "once an event", strong=True)
    history = drawing.box(195, 195, "history", "the last 4,096")
    drawing.arrow(source, server)
    drawing.arrow(server, history)
    readers = [("reader 1", "keeps up"), ("reader 2", "keeps up"), ("reader 3", "too slow")]
    for row, (title, note) in enumerate(readers):
        queue = drawing.box(390, 10 + 90 * row, "queue", "at most 512", width=112)
        drawing.arrow(server, queue)
        reader = drawing.box(590, 10 + 90 * row, title, note, width=108)
        drawing.arrow(queue, reader, "cut off" if row == 2 else "", dashed=row == 2)
    return drawing.svg(
        "One source, a bounded queue for each reader, a history for those who return"
    )
