"""Long filters: against the equations solved outright, and judged where they were not solved."""

import numpy as np
import pytest
import torch
from scipy.linalg import toeplitz
from scipy.signal import fftconvolve

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir import cross_validation, least_squares
from fxchain.fir.conjugate_gradients import conjugate_gradients
from fxchain.fir.cross_validation import BLOCK_SECONDS, FOLDS, CrossValidation
from fxchain.fir.impulse_response_fit import measure_response
from fxchain.fir.least_squares import solve_filter
from tests.known_pair import RATE


def _noise(samples: int, seed: int = 0, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((channels, samples)).astype(np.float32)


def _wet(dry: np.ndarray, taps: int = 40, seed: int = 1) -> np.ndarray:
    hidden = _noise(taps, seed) * np.geomspace(1.0, 0.01, taps)
    return fftconvolve(dry, hidden, axes=-1)[:, : dry.shape[-1]].astype(np.float32)


def test_rows_are_solved_side_by_side() -> None:
    rng = np.random.default_rng(2)
    matrix = torch.from_numpy(toeplitz(0.7 ** np.arange(30)))
    right = torch.from_numpy(rng.standard_normal((3, 30)))
    found = conjugate_gradients(
        lambda rows: rows @ matrix, lambda rows: rows, right, torch.zeros(3, 30).double(), 60, 1e-12
    )
    torch.testing.assert_close(found, torch.linalg.solve(matrix, right.T).T)


def test_many_taps_are_solved_as_exactly_as_few(monkeypatch: pytest.MonkeyPatch) -> None:
    dry = _noise(6_000, channels=2)
    parts = [AlignedAudio(dry, _wet(dry), 100)]
    exact = solve_filter(parts, 300, 1e-4)
    monkeypatch.setattr(least_squares, "EXACT", 10)
    np.testing.assert_allclose(solve_filter(parts, 300, 1e-4), exact, atol=1e-5)


def test_the_filter_is_the_one_of_least_squares() -> None:
    dry = _noise(900)
    wet = _wet(dry) + 0.1 * _noise(900, 3)
    lagged = np.stack([np.concatenate([np.zeros(k), dry[0, : 900 - k]]) for k in range(20)], 1)
    expected = np.linalg.lstsq(lagged.astype(float), wet[0].astype(float), rcond=None)[0]
    found = solve_filter([AlignedAudio(dry, wet, 0)], 20, 1e-12)[0]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_what_is_judged_was_left_out() -> None:
    """Against filters solved outright, each without a fifth of the blocks."""
    samples, block = 1_500, 10
    rate = block / BLOCK_SECONDS
    dry = _noise(samples)
    wet = _wet(dry) + 0.5 * _noise(samples, 3)
    lagged = np.stack([np.concatenate([np.zeros(k), dry[0, : samples - k]]) for k in range(20)], 1)
    error = 0.0
    for fold in range(FOLDS):
        out = np.arange(samples) // block % FOLDS == fold
        known = lagged[~out].astype(float)
        taps = np.linalg.lstsq(known, wet[0, ~out].astype(float), rcond=None)[0]
        error += float(np.sum((wet[0, out] - lagged[out] @ taps) ** 2))
    found = CrossValidation([AlignedAudio(dry, wet, 0)], rate).error(20, 1e-9)
    assert found == pytest.approx(error / np.sum(wet.astype(float) ** 2), rel=1e-2)


@pytest.mark.parametrize(("taps", "ridge"), [(1, 1e-3), (30, 1e-6), (200, 0.1)])
def test_scores_by_products_of_spectra_are_those_in_the_time_domain(
    taps: int, ridge: float
) -> None:
    """Filters are solved, played and scored as spectra; here the same with matrices of samples."""
    samples, block, start = 1_500, 10, 70
    dry = _noise(samples)
    wet = _wet(dry) + 0.5 * _noise(samples, 3)
    lagged = np.stack(
        [np.concatenate([np.zeros(k), dry[0, : samples - k]]) for k in range(taps)], 1
    )
    price, at = ridge * np.sum(dry.astype(float) ** 2), np.arange(samples)
    error = 0.0
    for fold in range(FOLDS):
        left_out = (at >= start) & (at // block % FOLDS == fold)
        rows = lagged[(at >= start) & ~left_out]
        right = rows.T @ wet[0, (at >= start) & ~left_out]
        found = np.linalg.solve(rows.T @ rows + price * np.eye(taps), right)
        error += float(np.sum((wet[0, left_out] - lagged[left_out] @ found) ** 2))
    judged = CrossValidation([AlignedAudio(dry, wet, start)], block / BLOCK_SECONDS).error(
        taps, ridge
    )
    assert judged == pytest.approx(error / np.sum(wet[0, start:].astype(float) ** 2), rel=1e-3)


def test_what_is_learnt_by_heart_is_worth_nothing() -> None:
    dry, wet = _noise(2 * RATE), _noise(2 * RATE, 1)
    judge = CrossValidation([AlignedAudio(dry, wet, 0)], RATE)
    assert judge.error(40_000, 1e-3) > 0.95
    fitted = solve_filter([AlignedAudio(dry, wet, 0)], 40_000, 1e-4)
    made = fftconvolve(dry, fitted, axes=-1)[:, : 2 * RATE]
    assert np.sum((made - wet) ** 2) < 0.8 * np.sum(wet**2)


def test_silence_at_the_end_does_not_hide_what_a_filter_is_worth() -> None:
    dry = np.concatenate([_noise(RATE), np.zeros((1, RATE), np.float32)], axis=1)
    assert CrossValidation([AlignedAudio(dry, _wet(dry), 0)], RATE).error(64, 1e-6) < 1e-4


def test_of_long_recordings_the_loudest_part_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_validation, "MOST_SAMPLES", RATE)
    dry = np.concatenate([0.01 * _noise(3 * RATE), _noise(RATE, 4), 0.01 * _noise(RATE, 5)], axis=1)
    wet = _noise(5 * RATE, 6) * 0.01
    wet[:, 3 * RATE : 4 * RATE] = _wet(dry)[:, 3 * RATE : 4 * RATE]
    assert CrossValidation([AlignedAudio(dry, wet, 0)], RATE).error(64, 1e-4) < 0.01


def test_too_little_is_said_to_be() -> None:
    short = _noise(round(0.1 * RATE))
    assert not CrossValidation([AlignedAudio(short, short, 0)], RATE).enough
    assert CrossValidation([AlignedAudio(_noise(RATE), _noise(RATE), 0)], RATE).enough


def test_a_response_that_cannot_be_good_enough_is_not_solved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dry, noise = _noise(3 * RATE), np.random.default_rng(9).standard_normal((1, 3 * RATE))
    wet = dry + noise.astype(np.float32) * np.float32(np.std(dry))  # half of it no filter explains
    part = AlignedAudio(dry, wet, 0)
    found = measure_response([part], RATE, bound=1.0)
    assert found is not None and found.checked == pytest.approx(0.5, abs=0.1)
    tried: list[float] = []
    error = CrossValidation.error

    def counted(judge: CrossValidation, taps: int, ridge: float) -> float:
        tried.append(ridge)
        return error(judge, taps, ridge)

    monkeypatch.setattr(CrossValidation, "error", counted)
    assert measure_response([part], RATE, bound=0.05) is None
    assert len(set(tried)) == 1  # no other ridge was tried
