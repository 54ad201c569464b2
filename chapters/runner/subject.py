"""One version of the code under examination, in a box, and what it answers.

Page: docs/how-it-works.md
"""

import json
from collections.abc import Mapping

from chapters.checking import Case, Stage
from chapters.runner.box import Answer, Box, Limits


class Subject:
    """One version of the code, in a box that is opened when first asked, and anew if it died.

    And anew when a module is called that was not before: a box holds what is called, and little else.
    """

    def __init__(self, sources: Mapping[str, str], limits: Limits | None) -> None:
        self.sources, self.limits = sources, limits
        self.box: Box | None = None
        self._called: set[str] = set()
        self.answers: dict[tuple[str, str], Answer] = {}

    def answer(self, stage: Stage, args: Case) -> Answer:
        """Return what the code answers; the same question is asked only once."""
        question = (target(stage), json.dumps(args))
        if question not in self.answers:
            self.answers[question] = self._ask(question[0], args)
        return self.answers[question]

    def _ask(self, target: str, args: Case) -> Answer:
        module = target.partition(":")[0]
        if module not in self._called:
            self._called.add(module)
            self.close()
        if self.box is None:
            self.box = Box(self.sources, called=self._called, limits=self.limits).open()
        answer = self.box.call(target, list(args))
        if answer.kind in ("timeout", "memory", "died"):
            self.close()
        return answer

    def close(self) -> None:
        """End the box's process."""
        if self.box is not None:
            self.box.close()
            self.box = None


def target(stage: Stage) -> str:
    """Return what a box calls for that stage: `exchange.checks:play`."""
    return f"{stage.drive.__module__}:{stage.drive.__qualname__}"


def alike(one: Answer, other: Answer) -> bool:
    """Whether two answers err the same way; of an error's text, its kind counts."""
    if one.kind != other.kind:
        return False
    if one.kind == "raised":
        return one.detail.partition(":")[0] == other.detail.partition(":")[0]
    return one.value == other.value
