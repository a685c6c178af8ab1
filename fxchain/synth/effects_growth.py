"""Effects are added behind a voice where a recording has what voice and effects lack."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.matching.search.echo_detection import echo_times
from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.player import Playback
from fxchain.preset import Preset
from fxchain.primitives import Primitive
from fxchain.stage import Chain, Effect
from fxchain.structure.proposal import start_units
from fxchain.synth.instrument.needed import (
    WORTH,
    audible_distance,
    descended,
    forecast,
    objective_of,
)
from fxchain.synth.instrument.space import InstrumentSpace, resampled
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.least_squares import ResidualObjective
from fxchain.synth.search.waveform_start import EXPLAINED

#: Steps of the knobs of a new effect and the weight of the loudest source.
OWN_STEPS = 2
#: Steps of everything without another effect.
STEPS = 20
#: So many of those that are forecast to be nearest take so many steps of everything, then the
#: nearest of them more steps.
ROUNDS = ((4, 4), (1, 16))


@dataclass(frozen=True, eq=False)
class _Tried:
    """Voice and effects with one effect more, and how far they are, or are forecast to be, from
    the recording."""

    error: AudioError
    cube: np.ndarray
    distance: float


def with_another_effect(
    error: AudioError,
    cube: np.ndarray,
    kinds: Sequence[Primitive],
    effects_rate: int,
    budget: BudgetView,
) -> tuple[AudioError, np.ndarray]:
    """Return a voice with effects and one more behind it, or without where none is needed.

    Each kind is placed where its own starts come nearest, and its knobs descend alone. Those with
    which all others are forecast to come nearest take steps with all of these, the best of them
    more, and the nearest behind these is compared with voice and effects as they are after steps:
    before these the voice has not yet adapted to what an effect would explain.

    Args:
        error: of what is played
        cube: the voice, with or without effects
        kinds: of effects that may be there, each as often as it is named
        effects_rate: Hz, at which effects are played
        budget: how long

    Returns:
        the error in the space with the new effect, and where it is

    Source:
        forward selection (Efroymson 1960); sequential halving (Karnin, Koren and Somekh 2013)
    """
    alone = descended(error, cube, STEPS, budget)
    if budget.over or error.esr(alone) < EXPLAINED:
        return error, alone
    space, begun = error.space, cube
    if not isinstance(space, InstrumentSpace):
        none = Preset(Chain(()), np.zeros(0), effects_rate)
        space, begun = InstrumentSpace.of(space, cube, none)
    tried = _nearest(replace(error, space=space), begun, kinds, budget)
    for count, steps in ROUNDS:
        tried = _after_steps(tried[:count], steps, budget)
    if not tried or audible_distance(error, alone) - tried[0].distance <= WORTH:
        return error, alone
    return tried[0].error, tried[0].cube


def _after_steps(tried: Sequence[_Tried], steps: int, budget: BudgetView) -> list[_Tried]:
    """Return what was tried after steps of everything, the nearest first."""
    ends: list[_Tried] = []
    for each in tried:
        end = descended(each.error, each.cube, steps, budget)
        ends.append(_Tried(each.error, end, audible_distance(each.error, end)))
        if budget.over or each.error.esr(end) < EXPLAINED:
            break
    return sorted(ends, key=lambda each: each.distance)


def _nearest(
    error: AudioError, cube: np.ndarray, kinds: Sequence[Primitive], budget: BudgetView
) -> list[_Tried]:
    """Return voice and effects with another effect of each kind at each place, that which is
    forecast to be nearest first."""
    space, locked = error.space, error.locked(cube)
    assert isinstance(space, InstrumentSpace)
    objective = objective_of(error, locked)
    now = objective.linearize(cube, objective.jacobian_indices())
    left = Counter(kind.kind for kind in kinds)
    left.subtract(each.primitive.kind for each in space.stages if isinstance(each, Effect))
    descent = LevenbergMarquardt(OWN_STEPS, reuse_jacobian=True, phase="another effect")
    found = []
    for kind in {kind.kind: kind for kind in kinds}.values():
        if left[kind.kind] <= 0:
            continue
        for begun in _begun(error, cube, kind):
            budget.begin()
            losses = [float(_of_new(*each, locked).losses(each[1][None])[0]) for each in begun]
            larger, moved, place = begun[int(np.argmin(losses))]
            own = _of_new(larger, moved, place, locked)
            budget.step("another effect", min(losses))
            end = descent.minimize(own, moved, budget).cube
            here = own.linearize(end, own.moved)
            loss = forecast(here.residual, np.hstack([now.jacobian, here.jacobian]))
            found.append(_Tried(larger, end, float(np.log(loss))))
        if budget.over:
            break
    return sorted(found, key=lambda each: each.distance)


def _of_new(error: AudioError, cube: np.ndarray, place: int, locked: bool) -> ResidualObjective:
    """Return the error over the knobs of an effect and the weight of the loudest source."""
    space = error.space
    assert isinstance(space, InstrumentSpace)
    tones = np.setdiff1d(space.weights, space.of_noise if locked else [])
    loudest = tones[np.argmax(cube[tones])] if len(tones) else space.weights[0]
    moved = np.union1d(space.of_effect(place), loudest)
    return ResidualObjective(error.waveform if locked else error.bands, moved)


def _begun(
    error: AudioError, cube: np.ndarray, kind: Primitive
) -> Iterator[list[tuple[AudioError, np.ndarray, int]]]:
    """Yield where an effect of a kind may begin, with its place: behind the others, and where not
    all are filters, which may be exchanged, also before them."""
    space, heard = error.space, error.heard
    assert isinstance(space, InstrumentSpace)
    samples, rate = len(heard.samples), heard.sample_rate
    count = len(space.stages)
    natures = {each.primitive.nature for each in space.stages if isinstance(each, Effect)}
    for place in {count} if natures | {kind.nature} == {"filter"} else {0, count}:
        before, voice = space.of_first(cube, place)
        played = before.play(np, voice, heard.notes, rate, samples)
        own = space.behind.sample_rate
        dry, wet = (resampled(each, rate, own)[None] for each in (played, heard.samples))
        seconds = [each / own for each, _ in echo_times(dry, wet, own)]
        found = []
        for unit in start_units([kind], dry, Playback(own), seconds):
            larger, begun = space.with_effect(cube, unit.effect, np.array(unit.values), place)
            found.append((replace(error, space=larger), begun, place))
        if found:
            yield found
