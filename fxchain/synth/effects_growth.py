"""Effects are added behind a voice where a recording has what voice and effects lack."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from fxchain.optim.budget import BudgetView
from fxchain.optim.second_order import LevenbergMarquardt
from fxchain.player import Playback
from fxchain.preset import Preset
from fxchain.primitives import Primitive
from fxchain.stage import Chain, Effect
from fxchain.structure.proposal import start_units
from fxchain.synth.instrument.criterion import Criterion, Followed, audible_distance
from fxchain.synth.instrument.echoes import echo_seconds
from fxchain.synth.instrument.needed import WORTH, descended
from fxchain.synth.instrument.space import InstrumentSpace, resampled
from fxchain.synth.search.audio_error import AudioError
from fxchain.synth.search.least_squares import ResidualObjective

#: Steps of the knobs of a new effect, which all others follow, then of everything.
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
    descend while all others follow to first order; of the kinds with which this comes nearest,
    the one is kept that is nearest after steps of everything.

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
    first = True
    while not budget.over:
        trials = _nearest(error, cube, kinds, budget)[:TRIED]
        if not trials:
            break
        ends = [descended(larger, begun, STEPS, budget) for larger, begun in trials]
        if first:  # what steps of the voice alone gain is not an effect's
            error, cube = descended(error, cube, STEPS, budget)
        first, found = False, min(ends, key=lambda end: audible_distance(*end))
        if audible_distance(error, cube) - audible_distance(*found) <= WORTH:
            break
        error, cube = found
    return error, cube


def _nearest(
    error: AudioError, cube: np.ndarray, kinds: Sequence[Primitive], budget: BudgetView
) -> list[tuple[AudioError, np.ndarray]]:
    """Return voice and effects with the kind of effect besides that is forecast to bring most, if
    more than steps of all others do without it, and those that are forecast to bring as much."""
    space, criterion = error.space, Criterion.of(error, cube)
    assert isinstance(space, InstrumentSpace)
    objective = criterion.objective(error)
    now = objective.linearize(cube, objective.jacobian_indices())
    followed = Followed(now.jacobian)
    without = criterion.distance(followed(now.residual))
    echoes = _echoes(error, cube, criterion, now.jacobian)
    there = {each.kind for each in _kinds(space)}
    descent = LevenbergMarquardt(OWN_STEPS, reuse_jacobian=True, phase="another effect")
    found = []
    for kind in kinds:
        if kind.kind in there:
            continue
        budget.begin()
        begun = [
            (_of_new(larger, place, (criterion, followed)), larger, moved)
            for larger, moved, place in _begun(error, cube, kind, echoes)
        ]
        losses = [float(own.losses(moved[None])[0]) for own, _, moved in begun]
        own, larger, moved = begun[int(np.argmin(losses))]
        budget.step("another effect", min(losses))
        end = descent.minimize(own, moved, budget).cube
        larger = criterion.timed(larger, end, followed)
        distance = criterion.distance(followed(criterion.residual(larger, end)))
        if without - distance > WORTH:
            found.append((distance, larger, end))
        if budget.over:
            break
    found.sort(key=lambda each: each[0])
    near = [each for each in found if each[0] - found[0][0] <= WORTH]
    return [(larger, end) for _, larger, end in near]


def _of_new(error: AudioError, place: int, by: tuple[Criterion, Followed]) -> ResidualObjective:
    """Return the error over the knobs of an effect, while all others follow to first order."""
    space, (criterion, followed) = error.space, by
    assert isinstance(space, InstrumentSpace)
    moved = space.of_effect(place)
    return ResidualObjective(lambda cube: followed(criterion.residual(error, cube)), moved)


def _begun(
    error: AudioError, cube: np.ndarray, kind: Primitive, echoes: Sequence[float]
) -> Iterator[tuple[AudioError, np.ndarray, int]]:
    """Yield where an effect of a kind may begin: behind the others, and also before them where not
    all are filters, which commute; with its place."""
    space, heard = error.space, error.heard
    assert isinstance(space, InstrumentSpace)
    samples, rate = len(heard.samples), heard.sample_rate
    count = len(space.stages)
    commute = all(each.nature == "filter" for each in (kind, *_kinds(space)))
    for place in {count} if commute else {0, count}:
        before, voice = space.of_first(cube, place)
        played = before.play(np, voice, heard.notes, rate, samples)
        dry = resampled(played, rate, space.behind.sample_rate)[None]
        for unit in start_units([kind], dry, Playback(space.behind.sample_rate), echoes):
            larger, begun = space.with_effect(cube, unit.effect, np.array(unit.values), place)
            yield replace(error, space=larger), begun, place


def _echoes(
    error: AudioError, cube: np.ndarray, criterion: Criterion, jacobian: np.ndarray
) -> list[float]:
    """Return times after which echoes are likely, s; where the phases are locked, while the knobs
    of which the Jacobian of the criterion is given follow."""
    left, recorded = error.waveform(cube), error.heard.samples
    played = left + recorded / (float(np.linalg.norm(recorded)) + 1e-30)
    own = np.zeros((len(left), 0))
    if criterion.by_waveform:
        own = jacobian[: len(left)] / np.sqrt(criterion.terms[0].weight)
    return echo_seconds(left, played, Followed(own), error.heard.sample_rate)


def _kinds(space: InstrumentSpace) -> list[Primitive]:
    """Return what the effects of a space are."""
    return [each.primitive for each in space.stages if isinstance(each, Effect)]
