"""The command that repeats a match."""

import os
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from fxchain.matching.wishes import Wishes


def name_of(source: Any, otherwise: str) -> str:
    """Return a file's name without its folder; of an array what it is called otherwise."""
    if isinstance(source, str | os.PathLike):
        return Path(source).name
    return otherwise


def repeating(sources: Sequence[str], wishes: Wishes) -> str:
    """Return the command line that does the same once more, in the folder of the recordings.

    Args:
        sources: what names the recordings: two files, or `--pairs` and what belongs to it
        wishes: what was asked for
    """
    words = ["fxchain", "match", *sources, "--out", "again"]
    if wishes.iterations is not None:
        words += ["--iterations", str(wishes.iterations)]
    else:
        words += ["--seconds", f"{wishes.seconds:g}"]
    if wishes.seed:
        words += ["--seed", str(wishes.seed)]
    if str(wishes.chain) != "default":
        words += ["--chain", name_of(wishes.chain, "")]
    if wishes.start is not None:
        words += ["--start", name_of(wishes.start, "start.json")]
    if wishes.without:
        words += ["--without", ",".join(wishes.without)]
    for knob in wishes.lock:
        words += ["--lock", knob]
    if wishes.dry_channel is not None:
        words += ["--dry-channel", str(wishes.dry_channel)]
    words += ["--only-pedalboard"] * wishes.only_pedalboard
    words += ["--no-ir"] * (not wishes.measured_response)
    if wishes.latency_samples is not None:
        words += ["--latency-samples", str(wishes.latency_samples)]
    if wishes.polarity is not None:
        words += ["--polarity", "+" if wishes.polarity > 0 else "-"]
    words += ["--correct-drift"] * wishes.correct_drift
    words += ["--anyway"] * wishes.anyway
    if wishes.threads != Wishes.threads:
        words += ["--threads", str(wishes.threads)]
    if wishes.device != Wishes.device:
        words += ["--device", wishes.device]
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
