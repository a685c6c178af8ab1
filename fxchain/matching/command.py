"""The command that repeats a match."""

import os
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from fxchain.matching.options import MatchOptions


def name_of(source: Any, otherwise: str) -> str:
    """Return a file's name without its folder; of an array what it is called otherwise."""
    if isinstance(source, str | os.PathLike):
        return Path(source).name
    return otherwise


def repeat_command(sources: Sequence[str], options: MatchOptions) -> str:
    """Return the command line that does the same once more, in the folder of the recordings.

    Args:
        sources: what names the recordings: two files, or `--pairs` and what belongs to it
        options: what was asked for
    """
    words = ["fxchain", "match", *sources, "--out", "again"]
    if options.iterations is not None:
        words += ["--iterations", str(options.iterations)]
    else:
        words += ["--seconds", f"{options.seconds:g}"]
    if options.seed:
        words += ["--seed", str(options.seed)]
    if str(options.chain) != "default":
        words += ["--chain", name_of(options.chain, "")]
    if options.start is not None:
        words += ["--start", name_of(options.start, "start.json")]
    if options.without:
        words += ["--without", ",".join(options.without)]
    for knob in options.lock:
        words += ["--lock", knob]
    if options.dry_channel is not None:
        words += ["--dry-channel", str(options.dry_channel)]
    words += ["--only-pedalboard"] * options.only_pedalboard
    words += ["--no-ir"] * (not options.measured_response)
    if options.latency_samples is not None:
        words += ["--latency-samples", str(options.latency_samples)]
    if options.polarity is not None:
        words += ["--polarity", "+" if options.polarity > 0 else "-"]
    words += ["--correct-drift"] * options.correct_drift
    words += ["--anyway"] * options.anyway
    if options.threads != MatchOptions.threads:
        words += ["--threads", str(options.threads)]
    if options.device != MatchOptions.device:
        words += ["--device", options.device]
    return typed(words, sources)


def typed(words: Sequence[str], names: Collection[str]) -> str:
    """Return a command line as it is typed.

    Args:
        words: of the command line
        names: which of them name recordings, with `--pairs` and what belongs to it
    """
    # A name that begins with a dash would be read as an option.
    return shlex.join(f"./{word}" if word in names and _dashed(word) else word for word in words)


def _dashed(word: str) -> bool:
    return word.startswith("-") and word not in ("--pairs", "--gain-per-pair")
