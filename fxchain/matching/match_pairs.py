"""The match of several recordings: one chain for all that went through one device."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

from fxchain.matching.hooks import Hooks, Notice
from fxchain.matching.options import ONE_PAIR_ONLY, MatchOptions, MatchPairsKeywords
from fxchain.matching.result import MatchTask
from fxchain.matching.run import run
from fxchain.matching.saved_request import request_of
from fxchain.matching.search.checkpoint import Checkpoint
from fxchain.optim.budget import Clock, Progress
from fxchain.recordings.manifest import read_manifest
from fxchain.recordings.pair_source import PairSource, named
from fxchain.session.command_line import file_name
from fxchain.session.keywords import options_from_keywords
from fxchain.session.result import Match

Pairs = str | Path | Sequence[PairSource | tuple[Any, Any]]


def match_pairs(
    pairs: Pairs,
    sample_rate: float | None = None,
    *,
    progress: Progress | None = None,
    notice: Notice | None = None,
    checkpoint: str | Path | Checkpoint | None = None,
    clock: Clock = time.monotonic,
    **options: Unpack[MatchPairsKeywords],
) -> Match:
    """Find one chain of effects for several recordings of one device.

    What is minimized is the mean of the pairs' error-to-signal ratios: each pair has the same
    weight, however loud or long it is.

    Args:
        pairs: a manifest, see `read_manifest`, or a list of `PairSource` or (dry, wet)
        sample_rate: Hz, of those that are arrays; files know theirs
        progress: as for `match`
        notice: as for `match`
        checkpoint: as for `match`
        clock: as for `match`
        options: the attributes of `MatchOptions`; `latency_samples` and `polarity` are those of
            every pair that does not have its own

    Returns:
        the match: `metrics["pairs"]` has the figures of each pair, `matched_files` its audio;
        Ctrl-C during the search gives the best chain so far

    Raises:
        AudioError: a recording cannot be read or used.
        MatchError: the manifest cannot be used, the recordings cannot be matched, or an option
            makes no sense.
        PresetError: the chain or the start cannot be used.
        TypeError: there is no such option.
        KeyboardInterrupt: stopped before anything was found.
    """
    asked = options_from_keywords(MatchOptions, options, "match_pairs", ONE_PAIR_ONLY)
    task = task_of_pairs(pairs, sample_rate, asked)
    return run(task, Hooks(progress, notice, checkpoint, clock))


def task_of_pairs(pairs: Pairs, sample_rate: float | None, options: MatchOptions) -> MatchTask:
    """Return the task of matching several pairs; see `match_pairs`."""
    return task_of_sources(named(_sources(pairs)), pairs, sample_rate, options)


def task_of_sources(
    sources: Sequence[PairSource],
    pairs: Any,
    sample_rate: float | None,
    options: MatchOptions,
    more: Sequence[str] = (),
) -> MatchTask:
    """Return the task of matching pairs that were read.

    Args:
        sources: of the pairs, each with an id
        pairs: the manifest, where there is one
        sample_rate: Hz, of recordings that are arrays
        options: of the match
        more: words of the command line behind the name of the manifest
    """
    known = tuple(_with_defaults(source, options) for source in sources)
    words = ["--pairs", file_name(pairs, "pairs.csv"), *more]
    words += ["--gain-per-pair"] * options.gain_per_pair
    return MatchTask(known, sample_rate, options, tuple(words), request_of(options, pairs=pairs))


def _sources(pairs: Pairs) -> tuple[PairSource, ...]:
    """Return what a manifest or a list names."""
    if isinstance(pairs, str | os.PathLike):
        return read_manifest(pairs)
    return tuple(pair if isinstance(pair, PairSource) else PairSource(*pair) for pair in pairs)


def _with_defaults(source: PairSource, options: MatchOptions) -> PairSource:
    """Return a pair with what was given for all pairs, where it has no value of its own."""
    latency, polarity = source.latency_samples, source.polarity
    return replace(
        source,
        latency_samples=options.latency_samples if latency is None else latency,
        polarity=options.polarity if polarity is None else polarity,
        gain_free=source.gain_free or options.gain_per_pair,
    )
