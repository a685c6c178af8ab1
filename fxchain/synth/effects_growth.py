"""Effects are added behind a voice where a recording has what voice and effects lack."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

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

#: Steps of the knobs of a new effect and the weight of the loudest source, then of everything.
OWN_STEPS, STEPS = 5, 8
#: So many of the nearest are tried with steps of everything.
TRIED = 2


def grow_effects(
    error: AudioError,
    cube: np.ndarray,
    kinds: Sequence[Primitive],
    effects_rate: int,
    budget: BudgetView,
) -> tuple[AudioError, np.ndarray]:
    """Add one effect after the other while each is needed.

    Each kind that is not there yet is placed where its own starts come nearest, and its knobs
    descend alone; where all others are forecast to come nearest with it, they follow.

    Args:
        error: of what is played
        cube: the voice, with or without effects
        kinds: of effects that may be added
        effects_rate: Hz, at which effects are played
        budget: how long

    Returns:
        the error in the space with the new effects, and where it is

    Source:
        forward selection (Efroymson 1960)
    """
    if not isinstance(error.space, InstrumentSpace):
        none = Preset(Chain(()), np.zeros(0), effects_rate)
        space, cube = InstrumentSpace.of(error.space, cube, none)
        error = replace(error, space=space)
    here, grown = audible_distance(error, cube), True
    while grown and not budget.over:
        grown = False
        for larger, begun in _nearest(error, cube, kinds, budget)[:TRIED]:
            found = descended(larger, begun, STEPS, budget)
            there = audible_distance(larger, found)
            if here - there > WORTH:
                error, cube, here, grown = larger, found, there, True
            if grown or budget.over:
                break
    return error, cube


def _nearest(
    error: AudioError, cube: np.ndarray, kinds: Sequence[Primitive], budget: BudgetView
) -> list[tuple[AudioError, np.ndarray]]:
    """Return voice and effects with each kind of effect besides that is forecast to be needed, the
    nearest first."""
    space, locked = error.space, error.locked(cube)
    assert isinstance(space, InstrumentSpace)
    objective = objective_of(error, locked)
    now = objective.linearize(cube, objective.jacobian_indices())
    there = {each.primitive.kind for each in space.stages if isinstance(each, Effect)}
    descent = LevenbergMarquardt(OWN_STEPS, reuse_jacobian=True, phase="another effect")
    found = []
    for kind in kinds:
        if kind.kind in there:
            continue
        budget.begin()
        begun = [
            (_of_new(larger, moved, place, locked), larger, moved)
            for larger, moved, place in _begun(error, cube, kind)
        ]
        losses = [float(own.losses(moved[None])[0]) for own, _, moved in begun]
        own, larger, moved = begun[int(np.argmin(losses))]
        budget.step("another effect", min(losses))
        end = descent.minimize(own, moved, budget).cube
        here = own.linearize(end, own.moved)
        loss = forecast(here.residual, np.hstack([now.jacobian, here.jacobian]))
        if np.log(now.loss) - np.log(loss) > WORTH:
            found.append((loss, larger, end))
        if budget.over:
            break
    found.sort(key=lambda each: each[0])
    return [(larger, end) for _, larger, end in found]


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
) -> Iterator[tuple[AudioError, np.ndarray, int]]:
    """Yield where an effect of a kind may begin: behind the others, and one that is no filter also
    before them; with its place."""
    space, heard = error.space, error.heard
    assert isinstance(space, InstrumentSpace)
    samples, rate = len(heard.samples), heard.sample_rate
    count = len(space.stages)
    for place in {count} if kind.nature == "filter" else {0, count}:
        before, voice = space.of_first(cube, place)
        played = before.play(np, voice, heard.notes, rate, samples)
        own = space.behind.sample_rate
        dry, wet = (resampled(each, rate, own)[None] for each in (played, heard.samples))
        seconds = [each / own for each, _ in echo_times(dry, wet, own)]
        for unit in start_units([kind], dry, Playback(own), seconds):
            larger, begun = space.with_effect(cube, unit.effect, np.array(unit.values), place)
            yield replace(error, space=larger), begun, place
