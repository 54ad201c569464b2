"""Mutants: mistakes that people make, each an edit to the reference, with a sentence on it.

They prove that the checks catch those mistakes, and when a learner's answer equals a mutant's, its
sentence says what the mistake looks like. Page: docs/how-it-works.md
"""

from chapters.runner.catalogue import Exercise, Mutant
from chapters.runner.errors import BrokenCopy, BrokenCourse
from chapters.runner.source import Source


def apply(source: str, mutant: Mutant) -> str:
    """Return `source` with the mutant's edit. Raises `BrokenCourse` unless it fits exactly once."""
    module = Source(source, mutant.at.file)
    place = module.find(mutant.at.name)
    text = "".join(module.lines[place.first : place.end])
    count = text.count(mutant.find)
    if count != 1:
        there = f"which is there {count} times, not once"
        raise BrokenCourse(f"{mutant.at}: a mutant looks for {mutant.find!r}, {there}")
    try:
        edited = text.replace(mutant.find, mutant.replace)
        return module.replaced(place.first, place.end, edited).text
    except BrokenCopy as error:
        raise BrokenCourse(f"the mutant {mutant.why!r}: {error}") from None


def sources(exercise: Exercise, mutant: Mutant) -> dict[str, str]:
    """Return the texts of the exercise's modules with the mutant's mistake in them."""
    texts = exercise.reference()
    return texts | {mutant.at.module: apply(texts[mutant.at.module], mutant)}
