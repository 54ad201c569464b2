"""Play the learner on a page: `attempt.py ID mutant N` or `attempt.py ID solved`.

Writes the modules of an exercise into the work folder, with the N-th mistake in them or as they
should be, and prints, as JSON, the listing that the page shows.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from chapters.runner import mutants
from chapters.runner.catalogue import Catalogue
from chapters.runner.workplace import work_folder, write
from weaving.listing import find


def main(exercise_id: str, kind: str, number: str = "1") -> None:
    exercise = Catalogue.load().exercise(exercise_id)
    mutant = exercise.mutants[int(number) - 1] if kind == "mutant" else None
    texts = mutants.sources(exercise, mutant) if mutant else exercise.reference()
    for module, text in texts.items():
        write(work_folder() / exercise.path_of(module), text)
    hole = mutant.at if mutant else exercise.holes[0]
    path = str(exercise.path_of(hole.module))
    shown = asdict(find(path, hole.name, root=work_folder()))
    note = "with a mistake in it" if mutant else "solved"
    print(json.dumps(shown | {"path": str(Path("work") / path), "note": note}))


if __name__ == "__main__":
    main(*sys.argv[1:])
