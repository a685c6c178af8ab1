"""The match: two recordings in, a chain of effects out."""

import time
from pathlib import Path
from typing import Any, Unpack

from fxchain.matching.hooks import Hooks, Notice
from fxchain.matching.options import MatchKeywords, MatchOptions
from fxchain.matching.result import MatchTask
from fxchain.matching.run import run
from fxchain.matching.saved_request import request_of
from fxchain.matching.search.checkpoint import Checkpoint
from fxchain.optim.budget import Clock, Progress
from fxchain.recordings.pair_source import PairSource
from fxchain.session.command_line import file_name
from fxchain.session.keywords import options_from_keywords
from fxchain.session.result import Match


def match(
    dry: Any,
    wet: Any,
    sample_rate: float | None = None,
    *,
    progress: Progress | None = None,
    notice: Notice | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
    clock: Clock = time.monotonic,
    **options: Unpack[MatchKeywords],
) -> Match:
    """Find the chain of effects that turns a dry recording into a wet one.

    It is `match_pairs` of one pair.

    Args:
        dry: a file, or an array (samples,) or (channels, samples), full scale 1
        wet: the same
        sample_rate: Hz, of the arrays; files know theirs
        progress: called after each step with the phase, the best loss so far, and the used share
            of the budget, 0 to 1; before the first step the loss is NaN
        notice: called with each sentence about the pair before the search begins
        checkpoint: a file for the state of the search; where it holds the state of the same
            search, that is resumed, with the same result as without the interruption
        clock: returns the time, s
        options: `seconds`, `iterations`, `chain`, `lock` … are the attributes of `MatchOptions`

    Returns:
        the match; Ctrl-C during the search gives the best chain so far

    Raises:
        AudioError: a recording cannot be read or used.
        MatchError: the recordings cannot be matched, or an option makes no sense.
        PresetError: the chain or the start cannot be used.
        TypeError: there is no such option.
        KeyboardInterrupt: stopped before anything was found.
    """
    asked = options_from_keywords(MatchOptions, options, "match", ("gain_per_pair",))
    task = task_of_pair(dry, wet, sample_rate, asked)
    return run(task, Hooks(progress, notice, checkpoint, clock))


def task_of_pair(dry: Any, wet: Any, sample_rate: float | None, options: MatchOptions) -> MatchTask:
    """Return the task of matching one pair; see `match`."""
    source = PairSource(
        dry,
        wet,
        dry_channel=options.dry_channel,
        wet_channel=options.wet_channel,
        latency_samples=options.latency_samples,
        polarity=options.polarity,
    )
    names = (file_name(dry, "dry.wav"), file_name(wet, "wet.wav"))
    request = request_of(options, dry=dry, wet=wet)
    return MatchTask((source,), sample_rate, options, names, request)
