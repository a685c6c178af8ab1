"""A chain with a measured response at its end."""

from collections.abc import Callable, Sequence

import numpy as np

from fxchain.alignment.aligned_audio import AlignedAudio
from fxchain.fir.cross_validation import CrossValidation
from fxchain.fir.impulse_response_fit import MeasuredResponse, measure_response
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.primitives import Primitive, get_primitive
from fxchain.stage import Chain, Effect, Stage
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages

#: What is put behind a chain: a response, and before it a gain for its level.
GAIN, CONVOLUTION = get_primitive("gain"), get_primitive("convolution")
#: A response must bring the error on what it was not solved from down to this share.
WORTH_IT = 0.5
#: No chain at all.
NOTHING = Candidate(Chain(()), np.zeros(0), np.zeros(0, dtype=bool))


def propose_response(
    best: Candidate,
    candidates: Sequence[tuple[Candidate, int]],
    excerpts: Sequence[Excerpt],
    sample_rate: int,
    over: Callable[[], bool] = lambda: False,
) -> tuple[Candidate, MeasuredResponse] | None:
    """Return the best of some chains with a response behind it, if it is worth it.

    Args:
        best: the best chain so far
        candidates: those behind which a response is tried, and of how many taps at most
        excerpts: what the response is solved from
        sample_rate: Hz
        over: tells when nothing more may be begun

    Returns:
        the chain with the response, and the response; or None
    """
    bound = WORTH_IT * residual_esr(best, excerpts, sample_rate)
    found: tuple[Candidate, MeasuredResponse] | None = None
    for candidate, longest in candidates:
        if over():
            break
        parts = levelled_parts(candidate, excerpts, sample_rate)
        response = measure_response(parts, sample_rate, None, longest, over, bound)
        if response is not None and response.checked <= bound:
            found, bound = (candidate, response), response.checked
    if found is None:
        return None
    candidate, response = found
    return with_response(candidate, response), response


def describe(response: MeasuredResponse) -> str:
    """Return a sentence for the user."""
    played = response.impulse_response
    taps = played.samples.shape[-1]
    return (
        f"what no knob explains was measured as an impulse response of {taps} samples "
        f"({taps / played.sample_rate * 1e3:.0f} ms) and stands at the end of the chain as a "
        "convolution; --only-knobs leaves it out"
    )


def refit_response(
    candidate: Candidate, like: MeasuredResponse, excerpts: Sequence[Excerpt], sample_rate: int
) -> Candidate | None:
    """Return a chain with the response at its end solved anew, None when that cannot be.

    Args:
        candidate: made by `with_response`, its values changed since
        like: the response that it has; its length and ridge are kept
        excerpts: what the response is solved from
        sample_rate: Hz
    """
    before = without_response(candidate)
    response = response_behind(before, like, excerpts, sample_rate)
    return None if response is None else with_response(before, response)


def response_behind(
    before: Candidate, like: MeasuredResponse, excerpts: Sequence[Excerpt], sample_rate: int
) -> MeasuredResponse | None:
    """Return a response as long as another one behind a chain, None when it cannot be solved."""
    return measure_response(levelled_parts(before, excerpts, sample_rate), sample_rate, like)


def cross_validated_error(
    before: Candidate, like: MeasuredResponse, excerpts: Sequence[Excerpt], sample_rate: int
) -> float:
    """Return the ESR that such a response leaves behind a chain, where it was not solved."""
    return CrossValidation(levelled_parts(before, excerpts, sample_rate), sample_rate).error(
        like.taps, like.ridge
    )


def residual_esr(candidate: Candidate, excerpts: Sequence[Excerpt], sample_rate: int) -> float:
    """Return the plain ESR of a chain on the excerpts, each brought to one level."""
    return CrossValidation(levelled_parts(candidate, excerpts, sample_rate), sample_rate).without()


def levelled_parts(
    candidate: Candidate, excerpts: Sequence[Excerpt], sample_rate: int
) -> list[AlignedAudio]:
    """Return what a chain makes of each excerpt beside the wet, all brought to one level."""
    parts = []
    for excerpt in excerpts:
        played = play_excerpt(candidate.stage, candidate.values, excerpt, sample_rate)
        wet, start = excerpt.wet, excerpt.first_valid
        if excerpt.gain_free:
            energy = float(np.sum(played[:, start:] ** 2))
            common = float(np.sum(played[:, start:] * wet[:, start:]))
            played = played * np.float32(abs(common) / max(energy, 1e-20))
        level = np.float32(1.0 / max(float(np.sqrt(np.mean(wet[:, start:] ** 2))), 1e-10))
        levelled = AlignedAudio(played * level, wet * level, start, gaps=excerpt.gaps)
        parts.append(levelled.largest_known())
    return parts


def with_response(candidate: Candidate, response: MeasuredResponse) -> Candidate:
    """Return the chain with the response behind it, and the gain that gives it its level.

    The gain is the one that ends the chain, if there is such a one and it is free.
    """
    (name,) = CONVOLUTION.assets
    stages, values, free = top_stages(candidate.stage), candidate.values, candidate.free
    if not (stages and _is(stages[-1], GAIN) and free[-1]):
        stages = (*stages, Effect(GAIN))
        values, free = np.append(values, 0.0), np.append(free, True)
    spec = GAIN.parameters[0]
    makeup_db = float(np.clip(values[-1] + response.makeup_db, spec.low, spec.high))
    return Candidate(
        Chain((*stages, Effect(CONVOLUTION, {name: response.impulse_response}))),
        np.array([*values[:-1], makeup_db, 1.0]),
        np.array([*free, False]),
    )


def without_response(candidate: Candidate) -> Candidate:
    """Return the chain before the response that ends it; the chain itself where none does."""
    stages = top_stages(candidate.stage)
    if not (stages and _is(stages[-1], CONVOLUTION)):
        return candidate
    return Candidate(Chain(stages[:-1]), candidate.values[:-1], candidate.free[:-1])


def is_response_alone(candidate: Candidate) -> bool:
    """Tell whether a response ends the chain and has nothing but a gain before it."""
    before = without_response(candidate)
    gain = len(top_stages(before.stage)) == 1 and _is(top_stages(before.stage)[0], GAIN)
    return gain and before is not candidate


def _is(stage: Stage, primitive: Primitive) -> bool:
    return isinstance(stage, Effect) and stage.primitive is primitive
