"""A recurrent cell in place of the chain, where knobs explain too little.

Behind it a linear response may stand that was solved with it, as a loudspeaker has.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.fir.impulse_response_fit import given_response
from fxchain.matching.search.context import SearchContext, position
from fxchain.matching.search.front_judgement import judged
from fxchain.matching.search.response_stage import CONVOLUTION, with_response
from fxchain.matching.search.state import PlannedMove, SearchState
from fxchain.matching.search.training_forecast import TrainingForecast
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.loudness_weighting import loudness_weighting
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.player import Asset
from fxchain.primitives import get_primitive
from fxchain.recurrent.chosen_pieces import left_out_parts
from fxchain.recurrent.descent import TrainedCell
from fxchain.recurrent.gru import gru
from fxchain.recurrent.recording import Recording
from fxchain.recurrent.response import solved_response
from fxchain.recurrent.trained_piece import Piece
from fxchain.recurrent.training import train_cell
from fxchain.recurrent.training_on_everything import trained_on_everything
from fxchain.stage import Chain, Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.series import top_stages

CELL, GAIN = get_primitive("recurrent_cell"), get_primitive("gain")
#: Units of a cell: 257 numbers.
UNITS = 8
#: It is trained where the chain leaves this much.
WORTH_A_CELL = 1e-2
#: On the ends of the recordings, which it was not trained on, it must leave this share of what the
#: chain leaves there, in no part of them more than the chain, and no more than the chain with a
#: response behind it: what a response alone mends is no reason for a cell.
WORTH_IT = 0.5
#: Share of the budget at which its last steps end at the latest, those on everything.
FINISHED = 0.97
#: At this level, which may be lower than all that was recorded, the cell should do what the chain
#: does, and errors there count so much.
QUIET, TRUST = 10.0 ** (-26.0 / 20.0), 0.2
PHASE = "recurrent cell"

#: What is left of the ends of the recordings together, and in each part of them.
_Left = tuple[float, list[float]]


def try_recurrent_cell(
    state: SearchState, context: SearchContext, move: PlannedMove
) -> SearchState:
    """Train a cell, and take it for the chain if it leaves half as much, and less than the chain
    with a response behind it.

    A cell can hardly delay and not advance. So it is tried at the latencies of the aligner, which
    finds the peak, and at those of the chain, the filters of which may have moved them.

    It is trained as long as it is foretold to be worth it when its time ends. The chain stays on
    the front, as what knobs alone explain.
    """
    best, part = state.best, context.budget.portion(move.until)
    if best is None or part.over or not context.leaves(state, WORTH_A_CELL):
        return state
    if context.template.locked:
        return state
    given = (0.0,) * len(context.problems)
    ways = list(dict.fromkeys((given, state.latency_shifts)))
    wholes = [context.excerpts(replace(state, latency_shifts=way)).whole for way in ways]
    excerpts = wholes[-1]
    if any(excerpt.gain_free for excerpt in excerpts):
        return state
    recorded = [[r for each in whole for r in _recordings(each, context)] for whole in wholes]
    alone, responding = _left_by(best, excerpts, recorded[-1], context)
    worth = min(WORTH_IT * alone[0], responding[0])
    quiet = [_played_quietly(best, excerpt, context.sample_rate) for excerpt in excerpts]
    assumed = [_assumed(quiet, state.latency_shifts, way, context) for way in ways]
    state, seed = state.drawn(lambda numbers: int(numbers.integers(2**63)))
    context.budget.begin()
    found = train_cell(
        [[*loud, *rest] for loud, rest in zip(recorded, assumed, strict=True)],
        context.sample_rate,
        gru(UNITS),
        np.random.default_rng(seed),
        TrainingForecast(context.budget, move.until, worth).over,
        lambda error: context.budget.step(PHASE, error),
        worth,
        responds=True,
    )
    if found is None or found.left > worth:
        return state
    if any(cell > chain for cell, chain in zip(found.judged, alone[1], strict=False)):
        return state
    way = found.alternative
    found = _with_ends(found, [*recorded[way], *assumed[way]], context)
    candidate = with_cell(found, context.sample_rate)
    there = replace(state, latency_shifts=ways[way])
    kept = context.keep(there, candidate, position(candidate))
    if kept.best is None or kept.best.stage is not candidate.stage:
        return state
    chain = judged(state, context, [best], context.excerpts(state).training.brief)
    return replace(kept, front=chain.front)


def _with_ends(
    cell: TrainedCell, recordings: Sequence[Recording], context: SearchContext
) -> TrainedCell:
    """Return a cell that was trained on the ends of the recordings too."""
    budget, until = context.budget, context.budget.portion(FINISHED)
    return trained_on_everything(
        cell,
        recordings,
        context.sample_rate,
        gru(UNITS),
        lambda: until.over,
        lambda error: budget.step(PHASE, error),
    )


def with_cell(trained: TrainedCell, sample_rate: int) -> Candidate:
    """Return a cell with a gain behind it, and its response behind that."""
    (name,) = CELL.assets
    weights = Asset(trained.weights[None].astype(np.float32), sample_rate)
    stage = Chain((Effect(CELL, {name: weights}), Effect(GAIN)))
    cell = Candidate(stage, np.array([1.0, 0.0]), np.array([False, True]))
    if trained.response is None:
        return cell
    response = given_response(trained.response.taps[None], sample_rate, trained.left)
    return with_response(cell, response)


def describe_cell(candidate: Candidate | None) -> tuple[str, ...]:
    """Return a sentence for the user where a chain has a cell."""
    stages = () if candidate is None else top_stages(candidate.stage)
    effects = [each for each in stages if isinstance(each, Effect)]
    taps = [_numbers(each) for each in effects if each.primitive is CONVOLUTION]
    behind = f", with a response of {taps[-1]} samples behind it" if taps else ""
    return tuple(
        "a recurrent network that was trained on the recording leaves at most half as much as "
        f"knobs do, and stands in their place: {_numbers(each)} numbers{behind}, no chain to be "
        "read or edited; --only-knobs leaves it out"
        for each in effects
        if each.primitive is CELL
    )


def _numbers(effect: Effect) -> int:
    """Return how many numbers an effect with one asset of one channel has."""
    (name,) = effect.primitive.assets
    return effect.assets[name].samples.shape[1]


def _recordings(excerpt: Excerpt, context: SearchContext) -> list[Recording]:
    """Return what is compared of each channel, weighted so that each recording counts alike."""
    first = excerpt.first_valid
    gain = np.zeros((1, excerpt.wet.shape[-1]), np.float32)
    compared = excerpt.wet[:, first:]
    gain[:, first:] = (
        loudness_weighting(compared, context.sample_rate, excerpt.loudness_weighting)
        * excerpt.known()
    )
    gain /= max(float(np.linalg.norm(gain * excerpt.wet)), 1e-20)
    pairs = zip(excerpt.dry, excerpt.wet, strict=True)
    rows = (tuple(map(np.ascontiguousarray, pair)) for pair in pairs)
    return [Recording(dry, wet, gain[0]) for dry, wet in rows]


def _played_quietly(best: Candidate, excerpt: Excerpt, sample_rate: int) -> Excerpt:
    """Return the dry at a low level, and what the chain makes of it as the wet.

    A cell says nothing about levels that it was not trained on; a chain of knobs does.
    """
    quiet = replace(excerpt, dry=excerpt.dry * np.float32(QUIET))
    return replace(quiet, wet=play_excerpt(best.stage, best.values, quiet, sample_rate))


def _assumed(
    quiet: Sequence[Excerpt], own: Sequence[float], wanted: Sequence[float], context: SearchContext
) -> list[Recording]:
    """Return what a chain makes at a low level, moved from its own latencies to others, samples."""
    triples = zip(quiet, own, wanted, strict=True)
    moved = [each if has == wants else each.shifted(wants - has) for each, has, wants in triples]
    found = [recording for each in moved for recording in _recordings(each, context)]
    return [replace(each, gain=each.gain * np.float32(TRUST**0.5), assumed=True) for each in found]


def _left_by(
    best: Candidate,
    excerpts: Sequence[Excerpt],
    recordings: Sequence[Recording],
    context: SearchContext,
) -> tuple[_Left, _Left]:
    """Return what a chain leaves, alone and with a response behind it as a cell may have one."""
    outputs = [
        channel
        for excerpt in excerpts
        for channel in play_excerpt(best.stage, best.values, excerpt, context.sample_rate)
    ]
    pairs = list(zip(recordings, outputs, strict=True))
    trained_on = [played[: each.end] for each, played in pairs]
    response = solved_response(recordings, trained_on, context.sample_rate)
    parts = left_out_parts(recordings)
    alone = _left(parts, pairs)
    if response is None:
        return alone, alone
    return alone, _left(parts, [(each, response.played(played)) for each, played in pairs])


def _left(parts: Sequence[Sequence[Piece]], pairs: Sequence[tuple[Recording, np.ndarray]]) -> _Left:
    """Return what is left of the ends, by what is played for each recording."""
    played = {id(recording): output for recording, output in pairs}

    def left(pieces: Sequence[Piece]) -> float:
        residuals = [each.residual(played[id(each.of)][each.begin : each.end]) for each in pieces]
        energy = max(sum(each.energy for each in pieces), 1e-20)
        return sum(float(np.sum(residual**2)) for residual in residuals) / energy

    return left([piece for part in parts for piece in part]), [left(part) for part in parts]
