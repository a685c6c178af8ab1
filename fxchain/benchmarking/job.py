"""A job: one method measured on one pair."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fxchain.benchmarking.fitted import AUDIO_FILE, Curve, TrainingTask
from fxchain.benchmarking.machine import machine
from fxchain.benchmarking.methods import METHODS
from fxchain.benchmarking.scores import (
    PRE_EMPHASIS,
    part_figures,
    quick_esr,
    times_real_time,
)
from fxchain.files.audio_output import write_audio
from fxchain.metrics.scores import MR_STFT_SETTINGS
from fxchain.optim.budget import Progress
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.pair_source import PairSource
from fxchain.recordings.several_pairs import read_pair_sources
from fxchain.session.process_state import torch_settings
from fxchain.session.versions import versions

Row = dict[str, Any]

#: Longer curves are thinned to about this many points.
_MOST_POINTS = 100


@dataclass(frozen=True)
class Job:
    """A method, a pair and limits.

    Attributes:
        method: a key of `METHODS`
        id: of the pair
        dry: file
        wet: file
        dry_channel: as in `PairSource`
        latency_samples: as in `PairSource`
        polarity: as in `PairSource`
        seconds: time limit, s; None: `iterations` limits
        iterations: number of steps instead
        seed: of the random numbers
        threads: how many the method may use
    """

    method: str
    id: str
    dry: str
    wet: str
    dry_channel: int | None
    latency_samples: float | None
    polarity: int | None
    seconds: float | None
    iterations: int | None
    seed: int
    threads: int

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Job":
        """Return a job that was written as JSON."""
        return cls(**document)

    def written(self) -> dict[str, Any]:
        """Return the job as JSON can hold it."""
        return asdict(self)


def measure(job: Job, folder: Path, progress: Progress) -> Row:
    """Fit a method on a pair, and score it.

    Args:
        job: what to measure
        folder: for the processed dry recording, and a preset or network where there is one
        progress: called with phase, loss and share of the budget

    Returns:
        every figure, without the settings

    Raises:
        FxchainError: the pair cannot be used.
    """
    source = PairSource(
        Path(job.dry),
        Path(job.wet),
        job.id,
        job.dry_channel,
        job.latency_samples,
        job.polarity,
    )
    (pair,) = read_pair_sources([source])
    with torch_settings(job.threads):
        prepared = align_pair(pair, source.latency_samples, source.polarity)
        seconds = job.seconds if job.iterations is None else None
        fitted = METHODS[job.method].fit(
            TrainingTask(
                source, pair, prepared, seconds, job.iterations, job.seed, job.threads, progress
            )
        )
        progress("scoring", float("nan"), 1.0)
        rate = prepared.problem.sample_rate
        played = fitted.play(prepared.dry)
        write_audio(folder / AUDIO_FILE, played, rate)
        if fitted.save is not None:
            fitted.save(folder)
        snapshots = [(seconds, quick_esr(play, prepared)) for seconds, play in fitted.snapshots]
        speed = times_real_time(fitted.play, prepared.dry, rate)
    alignment = prepared.alignment
    return {
        **part_figures(prepared, played),
        "weights": fitted.weights,
        "seconds_to_fit": fitted.seconds,
        "times_real_time": speed,
        "receptive_field_samples": fitted.receptive_field_samples,
        "curve": _thinned(fitted.curve),
        "esr_curve": _thinned(snapshots),
        "sample_rate": rate,
        "channels": len(prepared.dry),
        "fitted_samples": list(prepared.fitted),
        "held_out_samples": None if prepared.held_out is None else list(prepared.held_out),
        "latency_samples": alignment.latency_samples,
        "polarity": alignment.polarity,
        "alignment_confidence": alignment.confidence,
        "warnings": list(dict.fromkeys([*prepared.warnings, *fitted.notes])),
        "measures": {"mr_stft": MR_STFT_SETTINGS, "pre_emphasis": PRE_EMPHASIS},
        "versions": versions(),
        "machine": machine(),
    }


def _thinned(curve: Curve) -> list[list[float]]:
    """Return a curve with about `_MOST_POINTS` points, its last one included."""
    step = max(1, len(curve) // _MOST_POINTS)
    kept = [list(point) for point in curve[::step]]
    if curve and kept[-1] != list(curve[-1]):
        kept.append(list(curve[-1]))
    return kept
