"""A part of a server ends when the server does: not before it, and never after it.

A server that is killed cannot end its helpers, and a helper that lives on keeps its port and, worse,
goes on answering. So each helper looks now and then whether its parent is still the one that it had.
A terminal's Ctrl-C goes to a whole process group; helpers leave the group, so that the server alone
hears it and ends them in its own order.
Page: docs/chapters/portal.md
"""

import os
import threading

LOOK_EVERY_S = 0.25


def end_with_parent() -> None:
    """End this process, at once and without ceremony, soon after its parent is gone."""
    parent = os.getppid()
    os.setpgrp()
    pause = threading.Event()

    def watch() -> None:
        while os.getppid() == parent:
            pause.wait(LOOK_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()
