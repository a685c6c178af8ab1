"""Another chain of a match's front, without a new search."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypedDict, Unpack

from fxchain.errors import MatchError
from fxchain.matching.front_chains import fit_of, points_of
from fxchain.matching.hooks import Hooks, Notice
from fxchain.matching.match import task_of_pair
from fxchain.matching.match_pairs import Pairs, task_of_pairs
from fxchain.matching.options import MatchOptions
from fxchain.matching.result import MatchTask
from fxchain.matching.run import score_again
from fxchain.matching.saved_request import SavedRequest
from fxchain.matching.search.front import FrontPoint, choose
from fxchain.session.front import FRONT_FILE, Front, read_front
from fxchain.session.result import Match
from fxchain.structure.criterion import UNBOUNDED, Bounds
from fxchain.structure.template import Template
from fxchain.wording import counted


class Recordings(TypedDict, total=False):
    """The recordings of a match.

    Attributes:
        dry: a file or an array
        wet: the same
        pairs: the manifest or the list of several pairs
        sample_rate: Hz, of recordings that are arrays
    """

    dry: Any
    wet: Any
    pairs: Pairs | None
    sample_rate: float | None


def simplify(
    folder: str | Path,
    *,
    knobs: int | None = None,
    stages: int | None = None,
    only_knobs: bool = False,
    notice: Notice | None = None,
    **recordings: Unpack[Recordings],
) -> Match:
    """Return a match with another chain of its front, without a new search.

    Of the chains within the bounds it is the one with the least error on parts of the recordings
    that were not compared.

    Args:
        folder: of a match, with its front.json
        knobs: at most so many values that were searched
        stages: at most so many effects
        only_knobs: no stage that was measured, such as a recurrent cell
        notice: called with each sentence about the recordings
        recordings: where they are not where they were or were no files, see `Recordings`

    Returns:
        the match: played and scored anew; its `history` is empty

    Raises:
        AudioError: a recording cannot be read or used.
        MatchError: there is no front, none of it is within the bounds, or the recordings are not
            known.
        PresetError: the front is not JSON, or a preset in it is none.
    """
    bounds = Bounds(knobs, stages, measured=not only_knobs)
    bounds.check()
    if bounds == UNBOUNDED:
        raise MatchError("give --knobs, --stages or --only-knobs: what there may be to the chain")
    front = read_front(folder)
    points = points_of(front)
    number = _chosen(points, bounds, str(folder))
    request = SavedRequest.from_json(front.request, f"{folder}/{FRONT_FILE}", complete=False)
    options = replace(request.options, knobs=knobs, stages=stages, device="cpu")
    if only_knobs:
        options = replace(options, measured_response=False)
    files = (recordings.get("dry"), recordings.get("wet"), recordings.get("pairs"))
    if all(file is None for file in files):
        files = request.dry, request.wet, request.pairs
    task = _task(options, files, recordings.get("sample_rate"), str(folder))
    fitted = fit_of(points, number, _note(front, number))
    found, started = points[number].candidate, options.start is not None
    template = Template(front.chain, found.stage, found.values, found.free, started=started)
    return score_again(task, template, fitted, Hooks(notice=notice))


def _note(front: Front, number: int) -> tuple[str, ...]:
    """Say what was taken instead of what."""
    taken = front.chains[number]
    before = next((each for each in front.chains if each.chosen), taken)
    return (
        f"chosen from the front, without a new search: {taken.label} instead of {before.label}",
    )


def _chosen(points: Sequence[FrontPoint], bounds: Bounds, folder: str) -> int:
    """Return the number of the point within bounds."""
    found = choose(points, bounds)
    if not bounds.admit(found.complexity):
        raise MatchError(
            f"{folder}: no chain of its front is within {bounds}; the simplest has "
            f"{counted(found.knobs, 'knob')} and {counted(found.stages, 'stage')}"
        )
    return points.index(found)


def _task(
    options: MatchOptions, files: tuple[Any, Any, Any], sample_rate: float | None, folder: str
) -> MatchTask:
    """Return what is to be played and scored."""
    dry, wet, pairs = files
    if (dry is None) != (wet is None) or (dry is None) == (pairs is None):
        raise MatchError(
            f"{folder}: its recordings are not known; give DRY and WET, or the manifest of pairs"
        )
    missing = [
        file for file in files if isinstance(file, str | os.PathLike) and not os.path.exists(file)
    ]
    if missing:
        raise MatchError(
            f"{missing[0]}: there is no such file; give DRY and WET, or the manifest of pairs"
        )
    if pairs is not None:
        return task_of_pairs(pairs, sample_rate, options)
    return task_of_pair(dry, wet, sample_rate, options)
