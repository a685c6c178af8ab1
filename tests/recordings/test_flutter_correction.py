"""The wow and flutter of a tape is taken out of the wet, as part of the alignment."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fxchain.baselines.linear import best_linear_filter
from fxchain.data.signals import plucked_strings
from fxchain.errors import MatchError
from fxchain.metrics.scores import esr
from fxchain.recordings.aligned_pair import AlignedPair, align_pair
from fxchain.recordings.flutter_correction import flutter_corrected
from fxchain.recordings.pair import Pair
from fxchain.recordings.pair_check import drift_corrected
from fxchain.report.flutter_picture import flutter_picture
from tests.alignment.test_flutter import LATENCY, RATE, taped
from tests.recordings.reading import read_pair

Correction = Callable[[Pair], object]

DRY = np.concatenate([plucked_strings(3.0, RATE, seed) for seed in (2, 3)], axis=1)


def left_by_a_filter(pair: AlignedPair) -> float:
    """Return what a filter, fitted to the fitted part, leaves of the held-out part."""
    assert pair.held_out is not None
    problem, part = pair.problem, slice(*pair.held_out)
    made = best_linear_filter(problem.dry, problem.wet, first_valid=problem.first_valid)(pair.dry)
    return esr(pair.wet[:, part], made[:, part])


def test_a_filter_explains_a_tape_when_its_lag_is_taken_out() -> None:
    wet, _ = taped(DRY)
    read = read_pair(DRY, wet, RATE)
    corrected = flutter_corrected(read)
    before, after = (left_by_a_filter(align_pair(pair)) for pair in (read, corrected))
    assert after < 0.01 < 0.1 < before
    assert abs(align_pair(corrected).alignment.latency_samples - LATENCY) < 15
    assert "wandered by 0." in corrected.warnings[-1]
    assert corrected.flutter is not None
    picture = flutter_picture(corrected.flutter.metrics())
    assert picture is not None and "lag, ms" in picture.drawing


def test_nothing_is_taken_out_of_what_is_steady() -> None:
    read = read_pair(DRY, 0.5 * np.roll(DRY, 50, axis=1), RATE)
    corrected = flutter_corrected(read)
    assert corrected.wet is read.wet and corrected.flutter is None
    assert "does not wander" in corrected.warnings[-1]
    assert flutter_picture(None) is None


def test_what_is_too_short_is_not_called_steady() -> None:
    corrected = flutter_corrected(read_pair(DRY[:, : RATE * 3 // 4], DRY[:, : RATE * 3 // 4], RATE))
    assert "too short" in corrected.warnings[-1]
    assert not any("does not wander" in sentence for sentence in corrected.warnings)


@pytest.mark.parametrize("corrected", [flutter_corrected, drift_corrected])
@pytest.mark.parametrize("silent", ["dry", "wet"])
def test_a_silent_fitted_part_names_its_file(corrected: Correction, silent: str) -> None:
    read = read_pair(DRY, DRY, RATE)
    audio = getattr(read, silent)
    samples = audio.samples.copy()
    samples[:, : read.split.fitted] = 0.0
    read = replace(read, **{silent: replace(audio, samples=samples, name=f"{silent}.wav")})
    with pytest.raises(MatchError, match=rf"{silent}\.wav: the part that would be fitted"):
        corrected(read)
