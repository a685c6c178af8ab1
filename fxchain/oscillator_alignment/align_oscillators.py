"""Rate and phase of a preset's oscillators in another recording of its device.

They belong to a recording, like its latency: the device turns on between two of them, and its rate
is never quite the same. All else of the preset stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fxchain.errors import MatchError, ParameterError
from fxchain.files.audio_input import Audio
from fxchain.objectives.excerpt import Excerpt, choose_excerpt
from fxchain.objectives.latency_objective import at_latency_cube, latency_cube, latency_objective
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.budget import Budget
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.oscillator_alignment.oscillators import Heard, Oscillator, heard, oscillators
from fxchain.oscillator_alignment.scan import Scan, is_audible
from fxchain.periodic.measured_part import measured_part
from fxchain.periodic.rate import rate_candidates
from fxchain.preset import Preset
from fxchain.recordings.aligned_pair import align_pair
from fxchain.recordings.held_out_split import Split
from fxchain.recordings.load_recording import load
from fxchain.recordings.pair import comparable
from fxchain.recordings.pair_check import check_pair, unrelated_reason
from fxchain.recordings.problem import Problem
from fxchain.stage import Stage, in_recording, stage_label
from fxchain.structure.candidate import Candidate

#: Scanned is the loudest part of so many seconds; what is compared then grows twofold up to this.
SCANNED_SECONDS, MOST_SECONDS = 3.0, 48.0
#: The error must fall to this share of what it was for other rates and phases to be believed.
WORTH_IT = 0.9
#: The preset fits as it is where it leaves no more than this, an error-to-signal ratio.
FITS = 0.05
#: Rates of which the recording itself speaks, and second-order steps at each length.
LIKELY, STEPS = 4, 12


@dataclass(frozen=True, eq=False)
class AlignedOscillators:
    """A preset as another recording of its device was made.

    Attributes:
        preset: with rates and phases of the recording
        heard: one for each effect that moves
        error: error-to-signal ratio of it on the recording, with the best level and without what
            is not known, 0 to 1
        before: the same of the preset as it was
        latency_samples: of the wet recording, may have decimals
    """

    preset: Preset
    heard: tuple[Heard, ...]
    error: float
    before: float
    latency_samples: float

    def sentences(self, name: str) -> list[str]:
        """Return what was found, for people.

        Args:
            name: of the wet recording
        """
        if self.error >= self.before:
            doubt = "; was it made with this device, from this input?"
            asked = "" if self.before <= FITS else doubt
            return [
                f"{name}: no other rate or phase comes clearly nearer than those of the preset, "
                f"which stay (ESR {self.before:.2g}){asked}"
            ]
        what = [
            f"{stage_label(each.path, each.kind)} "
            + ("" if each.rate_hz is None else f"moves at {each.rate_hz:.4g} Hz and ")
            + f"is at {each.phase_degrees:.0f}° where the recording begins"
            for each in self.heard
        ]
        errors = f"ESR {self.error:.2g}, {self.before:.2g} with those of the preset"
        return [f"{name}: {sentence}" for sentence in [*what, f"with the best level, {errors}"]]


def align_oscillators(
    preset: Preset, dry: Any, wet: Any, sample_rate: float | None = None
) -> AlignedOscillators:
    """Find rate and phase of every effect that moves, for another recording of the device.

    Args:
        preset: of the device, made from one recording
        dry: another recording, a file or (samples,) or (channels, samples)
        wet: what the device made of that
        sample_rate: Hz, of arrays

    Returns:
        the preset with the rates and phases of this recording, never worse than it was

    Raises:
        AudioError, MatchError: a recording cannot be read or used, or the two are unrelated
        ParameterError: no effect of the preset moves by itself, or its channels are routed
    """
    level = _input_level(preset)
    stage, values = in_recording(preset.stage, preset.values, 0)  # of no other recording
    preset = replace(preset, stage=stage, values=values)
    known, nothing = (
        oscillators(preset.stage),
        ("no effect of it moves by itself, so that nothing of it belongs to a recording"),
    )
    if not known:
        raise ParameterError(nothing)
    given, heard_there = load(dry, sample_rate, "dry"), load(wet, sample_rate, "wet")
    given = replace(given, samples=given.samples * np.float32(level))
    problem, latency = _problem(given, heard_there)
    rate = problem.sample_rate
    brief = choose_excerpt(problem, SCANNED_SECONDS, loudness_weighting=0.0)
    moving = [each for each in known if is_audible(stage, preset.values, each, brief, rate)]
    if not moving:
        raise ParameterError(nothing)
    places = [place for each in moving for place in each.places]
    lengths = _lengths(problem.wet.shape[-1] / rate)
    whole = choose_excerpt(problem, lengths[-1], loudness_weighting=0.0)
    before = _error(stage, preset.values, places, whole, rate)
    values, lag = np.array(preset.values), 0
    for each in moving:
        values, lag = _scanned(stage, values, each, problem, lag)
    shift = 0.0
    for seconds in lengths:
        part = choose_excerpt(problem.moved(lag), seconds, loudness_weighting=0.0)
        values, shift = _refined(stage, values, places, shift, part, rate)
    moved = problem.shifted(lag + shift)
    whole = choose_excerpt(moved, lengths[-1], loudness_weighting=0.0)
    error = _error(stage, values, places, whole, rate)
    if not error <= WORTH_IT * before:
        values, error, lag, shift = np.array(preset.values), before, 0, 0.0
    found = tuple(heard(each, values) for each in moving)
    aligned = replace(preset, stage=stage, values=values)
    return AlignedOscillators(aligned, found, error, before, round(latency + lag + shift, 3))


def _input_level(preset: Preset) -> float:
    """Return the factor of the preset's routing in front of its chain; the level behind is free.

    Raises:
        ParameterError: there is more to the routing than levels.
    """
    levels = (1.0, 1.0) if preset.routing is None else preset.routing.levels
    if levels is None:
        raise ParameterError(
            "its channels are mixed, exchanged, delayed or freed of a constant on their way, which "
            "cannot be aligned to another recording: play it without that, or match that recording"
        )
    return levels[0]


def _problem(dry: Audio, wet: Audio) -> tuple[Problem, float]:
    """Return both recordings on one time axis, levels free, and the latency in samples."""
    pair = comparable(dry, wet)
    alike = replace(pair, split=Split(pair.dry.length, None))
    aligned = align_pair(alike)
    if unrelated := unrelated_reason(check_pair(aligned), aligned.alignment):
        raise MatchError(f"{wet.name}: {unrelated}")
    problem = replace(aligned.problem, gain_free=True, latency_known=True)
    return problem, aligned.alignment.latency_samples


def _lengths(seconds: float) -> list[float]:
    """Return how much is compared at first, then, and so on, s."""
    lengths = [SCANNED_SECONDS]
    while lengths[-1] < min(seconds, MOST_SECONDS):
        lengths.append(2.0 * lengths[-1])
    return lengths


def _scanned(
    stage: Stage, values: np.ndarray, oscillator: Oscillator, problem: Problem, lag: int
) -> tuple[np.ndarray, int]:
    """Return values and lag with the best rate and phase of one oscillator."""
    part, rate = problem.moved(lag), problem.sample_rate
    excerpt = choose_excerpt(part, SCANNED_SECONDS, loudness_weighting=0.0)
    known = measured_part(part, rate, 0, least_seconds=0.0)
    likely = [] if known is None else rate_candidates(known)[:LIKELY]
    found = Scan(stage, values, oscillator, excerpt, rate).best(likely)
    return found.values, lag + found.lag


def _refined(
    stage: Stage,
    values: np.ndarray,
    places: Sequence[int],
    shift: float,
    excerpt: Excerpt,
    sample_rate: int,
) -> tuple[np.ndarray, float]:
    """Return where second-order steps over some values and the latency lead.

    Args:
        stage: the chain
        values: (size,), physical
        places: of those that are free
        shift: by how much the wet is later than the excerpt says, samples
        excerpt: dry and wet
        sample_rate: Hz

    Returns:
        the values, and the shift there
    """
    free = np.zeros(len(values), bool)
    free[list(places)] = True
    candidate, known = Candidate(stage, values, free, latency_shifts=(shift,)), (False,)
    objective = latency_objective(candidate, (excerpt,), sample_rate, known)
    cube = latency_cube(objective, candidate, known)
    found = LevenbergMarquardt(STEPS).minimize(objective, cube, Budget())
    there = at_latency_cube(objective, candidate, known, found.cube)
    return there.values, there.latency_shifts[0]


def _error(
    stage: Stage, values: np.ndarray, places: Sequence[int], excerpt: Excerpt, sample_rate: int
) -> float:
    """Return the error of a chain as it is."""
    free = np.zeros(len(values), bool)
    free[list(places)] = True
    objective = WaveformError(stage, values, free, excerpt, sample_rate)
    return float(objective.losses(objective.cube(values)[None])[0])
