"""A chain with a measured response at its end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from fxchain.baselines.lines import Part
from fxchain.matching.excerpt import Excerpt
from fxchain.matching.left_out import Judge
from fxchain.matching.objective import top_stages
from fxchain.matching.playing import play
from fxchain.matching.problem import Form
from fxchain.matching.response import MeasuredResponse, measure_response
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect, Stage

#: A driven branch beside a clean one starts with this weight when a chain is made neutral.
HARDLY_DRIVEN = 0.1
#: A response must bring the error on what it was not solved from down to this share.
WORTH_IT = 0.5
#: No chain at all.
NOTHING = Form(Chain(()), np.zeros(0), np.zeros(0, dtype=bool))


def propose_response(
    best: Form,
    forms: Sequence[tuple[Form, int]],
    excerpts: Sequence[Excerpt],
    sample_rate: int,
    over: Callable[[], bool] = lambda: False,
) -> tuple[Form, MeasuredResponse] | None:
    """Return the best of some chains with a response behind it, if it is worth it.

    Args:
        best: the best chain so far, whose error has to be halved at least
        forms: those behind which a response is tried, and of how many taps at most
        excerpts: what the response is solved from
        sample_rate: Hz
        over: tells when nothing more may be begun

    Returns:
        the chain with the response, and the response; or None
    """
    bound = WORTH_IT * left_over(best, excerpts, sample_rate)
    found: tuple[Form, MeasuredResponse] | None = None
    for form, longest in forms:
        if over():
            break
        parts = _parts(form, excerpts, sample_rate)
        response = measure_response(parts, sample_rate, longest=longest, over=over)
        if response is not None and response.checked <= bound:
            found, bound = (form, response), response.checked
    if found is None:
        return None
    form, response = found
    return with_response(form, response), response


def describe(response: MeasuredResponse) -> str:
    """Return a sentence for the user."""
    played = response.impulse_response
    taps = played.samples.shape[-1]
    return (
        f"what no knob explains was measured as an impulse response of {taps} samples "
        f"({taps / played.sample_rate * 1e3:.0f} ms) and stands at the end of the chain as a "
        "convolution; --no-ir leaves it out"
    )


def measure_again(
    form: Form, like: MeasuredResponse, excerpts: Sequence[Excerpt], sample_rate: int
) -> Form | None:
    """Return a chain with the response at its end solved anew, None when that cannot be.

    Args:
        form: made by `with_response`, its values changed since
        like: the response that it has; its length and ridge are kept
        excerpts: what the response is solved from
        sample_rate: Hz
    """
    before = without_response(form)
    response = solved_behind(before, like, excerpts, sample_rate)
    return None if response is None else with_response(before, response)


def solved_behind(
    before: Form, like: MeasuredResponse, excerpts: Sequence[Excerpt], sample_rate: int
) -> MeasuredResponse | None:
    """Return a response as long as another one behind a chain, None when it cannot be solved."""
    return measure_response(_parts(before, excerpts, sample_rate), sample_rate, like)


def judged_behind(
    before: Form, like: MeasuredResponse, excerpts: Sequence[Excerpt], sample_rate: int
) -> float:
    """Return the ESR that such a response leaves behind a chain, where it was not solved."""
    return Judge(_parts(before, excerpts, sample_rate), sample_rate).error(like.taps, like.ridge)


def left_over(form: Form, excerpts: Sequence[Excerpt], sample_rate: int) -> float:
    """Return the plain ESR of a chain on the excerpts, each brought to one level."""
    return Judge(_parts(form, excerpts, sample_rate), sample_rate).without()


def _parts(form: Form, excerpts: Sequence[Excerpt], sample_rate: int) -> list[Part]:
    """Return what a chain makes of each excerpt beside the wet, all brought to one level."""
    parts = []
    for excerpt in excerpts:
        played = play(form.stage, form.values, excerpt, sample_rate)
        wet, start = excerpt.wet, excerpt.skip
        if excerpt.gain_free:
            energy = float(np.sum(played[:, start:] ** 2))
            common = float(np.sum(played[:, start:] * wet[:, start:]))
            played = played * np.float32(abs(common) / max(energy, 1e-20))
        level = np.float32(1.0 / max(float(np.sqrt(np.mean(wet[:, start:] ** 2))), 1e-10))
        parts.append(Part(played * level, wet * level, start))
    return parts


def with_response(form: Form, response: MeasuredResponse) -> Form:
    """Return the chain with the response behind it, and the gain that gives it its level.

    The gain is the one that ends the chain, if there is such a one and it is free.
    """
    gain, convolution = get_primitive("gain"), get_primitive("convolution")
    stages, values, free = top_stages(form.stage), form.values, form.free
    if not (stages and _is(stages[-1], "gain") and free[-1]):
        stages = (*stages, Effect(gain))
        values, free = np.append(values, 0.0), np.append(free, True)
    spec = gain.parameters[0]
    makeup_db = float(np.clip(values[-1] + response.makeup_db, spec.low, spec.high))
    return Form(
        Chain((*stages, Effect(convolution, response.impulse_response))),
        np.array([*values[:-1], makeup_db, 1.0]),
        np.array([*free, False]),
    )


def without_response(form: Form) -> Form:
    """Return the chain before the response that ends it; the chain itself where none does."""
    stages = top_stages(form.stage)
    if not (stages and _is(stages[-1], "convolution")):
        return form
    return Form(Chain(stages[:-1]), form.values[:-1], form.free[:-1])


def stands_alone(form: Form) -> bool:
    """Tell whether a response ends the chain and has nothing but a gain before it."""
    before = without_response(form)
    gain = len(top_stages(before.stage)) == 1 and _is(top_stages(before.stage)[0], "gain")
    return gain and before is not form


def _is(stage: Stage, kind: str) -> bool:
    return isinstance(stage, Effect) and stage.primitive.kind == kind


@dataclass(frozen=True)
class _Neutral:
    """Finds the values at which a stage does nothing; it is visited with the present ones."""

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> list[float]:
        """Return the effect's neutral values, the present ones where it has none."""
        neutral = effect.primitive.neutral or {}
        specs = effect.primitive.parameters
        pairs = zip(specs, values, strict=True)
        return [float(neutral.get(spec.name, value)) for spec, value in pairs]

    def chain(self, stages: Sequence[list[float]], path: str) -> list[float]:
        """Return those of all stages."""
        return [value for stage in stages for value in stage]

    def mix(self, branches: Sequence[tuple[float, list[float]]], path: str) -> list[float]:
        """Return the clean branch at full weight and the others at hardly any."""
        clean = sum(not values for _, values in branches)
        weights = [
            weight if not clean else HARDLY_DRIVEN if values else 1.0 / clean
            for weight, values in branches
        ]
        pairs = zip(weights, branches, strict=True)
        return [value for weight, (_, values) in pairs for value in (weight, *values)]


def neutral(form: Form) -> Form:
    """Return the chain at values at which it does next to nothing; what is not free stays."""
    values = np.array(form.stage.visit(_Neutral(), form.values), dtype=np.float64)
    return Form(form.stage, np.where(form.free, values, form.values), form.free)
