"""What benchmarks of notes that are found share: figures of a method, their table, their means."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from method_rows import rows_of_methods
from note_cases import NoteCase, f1

from fxchain.errors import MatchError
from fxchain.notes.note import Note


def figures(case: NoteCase, find: Callable[[], Sequence[Note]]) -> dict[str, Any]:
    """Return how many notes are right, and the seconds of one processor that finding them took.

    Where it is refused to look for notes, there are none.
    """
    _ = case.audio
    begun = time.process_time()
    try:
        found = find()
    except MatchError:
        found = ()
    taken = time.process_time() - begun
    return {
        "any": f1(found, case.notes, any_octave=True),
        "exact": f1(found, case.notes),
        "found": len(found),
        "taken": taken,
        "hidden": [f"{each.source}{each.octave or ''}" for each in case.patch.sources],
    }


def print_rows(
    name: str,
    description: str,
    methods: Iterable[str],
    measure: Callable[[int, str, float], dict[str, Any]],
    cases: int,
    seconds: float,
) -> None:
    """Print a row for each case and method, then the means; the arguments of `rows_of_methods`."""
    rows = rows_of_methods(
        name,
        description,
        methods,
        f"{'any octave':>11}{'exact':>7}{'found':>7}{'s':>6}  hidden",
        measure,
        lambda row: (
            f"{row['any']:>11.2f}{row['exact']:>7.2f}{row['found']:>7}"
            f"{row['taken']:>6.1f}  {'+'.join(row['hidden'])}"
        ),
        cases,
        seconds,
    )
    for method, mine in rows.items():
        means = [float(np.mean([row[key] for row in mine])) for key in ("any", "exact", "taken")]
        print(
            f"{method}, {len(mine)} recordings: F1 in any octave {means[0]:.3f}, exact "
            f"{means[1]:.3f}, {means[2]:.1f} s"
        )
