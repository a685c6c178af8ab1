"""A measured response: what no knob explains, as an impulse response solved from the pair."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.baselines.linear import FEW_RIDGES, Filter, Part, check_start, checked_filter
from fxchain.primitives import ImpulseResponse

#: Lengths that are tried one after the other, taps, while the next lowers the error by a tenth.
LENGTHS = (256, 1_024, 4_096, 16_384)
WORTH_LONGER = 0.9
#: A response may be as long as this share of what it is solved from.
LONGEST_SHARE = 0.25
#: A response ends where less than this share of its energy is left …
REST = 1e-7
#: … and fades out over this share of its length.
FADE = 1 / 16
#: pedalboard plays a response as if the root of its summed squares were this.
PLAYED_NORM = 0.125


@dataclass(frozen=True)
class MeasuredResponse:
    """An impulse response, and what it is worth.

    Attributes:
        impulse_response: float32, (channels, taps)
        makeup_db: the gain that gives it its true level behind pedalboard's normalisation
        checked: ESR of the response on a fifth of the recording that it was not solved from
        taps: how long a filter it was cut from
        ridge: with which that was solved
    """

    impulse_response: ImpulseResponse
    makeup_db: float
    checked: float
    taps: int
    ridge: float


def measure_response(
    parts: Sequence[Part],
    sample_rate: int,
    like: MeasuredResponse | None = None,
    over: Callable[[], bool] = lambda: False,
) -> MeasuredResponse | None:
    """Solve the impulse response that leads from one signal to another.

    Args:
        parts: what the chain made of the dry, and the wet, of one or more recordings
        sample_rate: Hz
        like: an earlier one, of which length and ridge are taken over
        over: tells when no longer one may be begun

    Returns:
        the response of the length that is worth most on what it was not solved from, cut and
        faded; None when the recordings are too short or nothing can be solved
    """
    room = LONGEST_SHARE * sum(part.wet.shape[-1] - part.start for part in parts)
    best: tuple[Filter, float] | None = None
    ridges = FEW_RIDGES if like is None else (like.ridge,)
    for taps in LENGTHS if like is None else (like.taps,):
        if taps > room or (best is not None and over()):
            break
        try:
            found = checked_filter(parts, taps=taps, ridges=ridges)
        except np.linalg.LinAlgError:
            continue  # a dry so band-limited that the equations are singular
        if best is not None and not found[1] < WORTH_LONGER * best[1]:
            break
        best = found
    if best is None or not np.all(np.isfinite(best[0].taps)) or not np.any(best[0].taps):
        return None
    taken = _faded(best[0].taps).astype(np.float32)
    norm = float(np.sqrt(np.max(np.sum(taken.astype(np.float64) ** 2, axis=-1))))
    return MeasuredResponse(
        ImpulseResponse(taken, sample_rate),
        float(20.0 * np.log10(norm / PLAYED_NORM)),
        best[1] / _energy_checked(parts),
        best[0].taps.shape[-1],
        max(best[0].ridges),
    )


def own_error(parts: Sequence[Part]) -> float:
    """Return the ESR, on the parts where responses are checked, without any response."""
    error = sum(float(np.sum((_checked(p, p.dry) - _checked(p, p.wet)) ** 2)) for p in parts)
    return error / _energy_checked(parts)


def _energy_checked(parts: Sequence[Part]) -> float:
    return max(sum(float(np.sum(_checked(part, part.wet) ** 2)) for part in parts), 1e-20)


def _checked(part: Part, audio: np.ndarray) -> np.ndarray:
    return audio[:, check_start(part.wet.shape[-1], part.start) :].astype(np.float64)


def _faded(taps: np.ndarray) -> np.ndarray:
    """Return the response up to where nothing is left of it, its end faded."""
    rest = np.cumsum((taps**2).sum(axis=0)[::-1])[::-1]
    length = max(int(np.count_nonzero(rest > REST * rest[0])), 64)
    kept = np.array(taps[:, :length])
    fade = max(int(FADE * length), 1)
    kept[:, -fade:] *= 0.5 * (1.0 + np.cos(np.pi * np.arange(1, fade + 1) / (fade + 1)))
    return kept
