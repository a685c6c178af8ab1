"""From recordings to the most likely chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from fxchain.errors import MatchError
from fxchain.matching.editing import for_channels
from fxchain.matching.problem import Template
from fxchain.matching.start import level_index
from fxchain.optim.base import Budget
from fxchain.stage import Stage
from fxchain.transferring.chains import choose_chain
from fxchain.transferring.dimensions import chosen
from fxchain.transferring.hearing import Hearing
from fxchain.transferring.level import OWN_LOUDNESS, loudness
from fxchain.transferring.likeness import unlikeness
from fxchain.transferring.losses import LOSSES
from fxchain.transferring.objective import TransferObjective
from fxchain.transferring.passages import excerpt, telling_part
from fxchain.transferring.recordings import Recordings
from fxchain.transferring.search import search
from fxchain.transferring.target import Wanted, as_tensor, wanted
from fxchain.transferring.wishes import TransferWishes

#: Loudnesses further apart than this say how recordings were levelled, not how they sound, dB.
REACHED_DB = 27.0


@dataclass(frozen=True, eq=False)
class FittedStyle:
    """The most likely chain.

    Attributes:
        stage: structure
        values: (size,), physical
        free: (size,), bool, which values were searched
        chain: what the user called it
        loss: the negative logarithm of its likelihood
        unlikeness: of the contents, 0 as sections of one recording, 1 as other instruments
        interrupted: the user stopped the search early
    """

    stage: Stage
    values: np.ndarray
    free: np.ndarray
    chain: str
    loss: float
    unlikeness: float
    interrupted: bool


def fit_style(recordings: Recordings, wishes: TransferWishes, budget: Budget) -> FittedStyle:
    """Search the most likely chain.

    Args:
        recordings: input and references
        wishes: what is searched, and what is taken over
        budget: seconds or steps

    Raises:
        MatchError: nothing of the chain is left to search.
        KeyboardInterrupt: stopped before anything was found.
    """
    source = recordings.source
    template = _template(wishes, source.channels)
    part = excerpt(source.samples, source.sample_rate)
    with torch.no_grad():
        played = Hearing(as_tensor(part), source.sample_rate)
        whole, references = heard(recordings)
        unlike = unlikeness(whole, references)
        everything = wanted(LOSSES, played, whole, references, unlike)
        kept = _chosen(everything, wishes, played, whole)
        if "level" in wishes.dimensions:
            template = _within_reach(template, whole, references)
    objective = TransferObjective(
        template.stage,
        template.values,
        template.free,
        played.audio,
        source.sample_rate,
        kept,
        unlike,
    )
    found = search(objective, budget, wishes.seed)
    return FittedStyle(
        stage=template.stage,
        values=found.values,
        free=template.free,
        chain=template.name,
        loss=found.loss,
        unlikeness=unlike,
        interrupted=found.interrupted,
    )


def heard(recordings: Recordings) -> tuple[Hearing, tuple[Hearing, ...]]:
    """Return how the telling parts of the input and of each reference are heard."""
    rate = recordings.source.sample_rate
    every = (recordings.source, *recordings.references)
    first, *others = (Hearing(as_tensor(telling_part(each.samples, rate)), rate) for each in every)
    return first, tuple(others)


def distances(every: Sequence[Wanted], recording: Hearing) -> Mapping[str, float]:
    """Return how far a recording is from what is wanted, by loss."""
    return {each.loss.name: float(each.distance(recording)) for each in every}


def _template(wishes: TransferWishes, channels: int) -> Template:
    """Return the chain, free where it serves what is taken over; gains make up for the rest."""
    template = for_channels(choose_chain(wishes.chain, channels), channels)
    wanted_knobs = chosen(template.stage.slots(), {*wishes.dimensions, "level"})
    template = replace(template, free=template.free & wanted_knobs)
    if not template.free.any():
        raise MatchError(
            f"{template.name}: no knob of this chain serves {', '.join(wishes.dimensions)}"
        )
    return template


def _within_reach(template: Template, whole: Hearing, references: Sequence[Hearing]) -> Template:
    """Return the chain with a last gain that brings a very different level within reach."""
    index = level_index(template.stage, template.values, template.free)
    if index is None:
        return template
    lacking = float(np.mean([float(loudness(each) - loudness(whole)) for each in references]))
    values, spec = np.array(template.values), template.stage.slots()[index].spec
    excess = lacking - float(np.clip(lacking, -REACHED_DB, REACHED_DB))
    values[index] = np.clip(values[index] + excess, spec.low, spec.high)
    return replace(template, values=values)


def _chosen(
    everything: Sequence[Wanted], wishes: TransferWishes, played: Hearing, whole: Hearing
) -> tuple[Wanted, ...]:
    """Return what is wanted in the chosen dimensions; where not the level, the input's loudness."""
    kept = [each for each in everything if each.loss.dimension in wishes.dimensions]
    if "level" not in wishes.dimensions:
        kept += wanted([OWN_LOUDNESS], played, whole, [whole])
    return tuple(kept)
