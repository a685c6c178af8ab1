"""From recordings to the most likely chain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from fxchain.errors import MatchError
from fxchain.optim.budget import Budget
from fxchain.stage import Stage
from fxchain.structure.equalizer_bands import level_index
from fxchain.structure.template import Template
from fxchain.structure.user_edits import for_channels
from fxchain.transferring.content_distance import content_distance
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.dimensions import chosen
from fxchain.transferring.level import OWN_LOUDNESS, loudness
from fxchain.transferring.losses import LOSSES
from fxchain.transferring.objective import TransferObjective
from fxchain.transferring.options import TransferOptions
from fxchain.transferring.passages import excerpt, telling_part
from fxchain.transferring.recordings import Recordings
from fxchain.transferring.search import search
from fxchain.transferring.style_chain import choose_chain
from fxchain.transferring.target import Target, as_tensor, targets

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
    content_distance: float
    interrupted: bool


def fit_style(recordings: Recordings, options: TransferOptions, budget: Budget) -> FittedStyle:
    """Search the most likely chain.

    Args:
        recordings: input and references
        options: what is searched, and what is taken over
        budget: seconds or steps

    Raises:
        MatchError: nothing of the chain is left to search.
        KeyboardInterrupt: stopped before anything was found.
    """
    source = recordings.source
    template = _template(options, source.channels)
    part = excerpt(source.samples, source.sample_rate)
    with torch.no_grad():
        played = Descriptors(as_tensor(part), source.sample_rate)
        whole, references = heard(recordings)
        unlike = content_distance(whole, references)
        everything = targets(LOSSES, played, whole, references, unlike)
        kept = _chosen(everything, options, played, whole)
        if "level" in options.dimensions:
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
    found = search(objective, budget, options.seed)
    return FittedStyle(
        stage=template.stage,
        values=found.values,
        free=template.free,
        chain=template.name,
        loss=found.loss,
        content_distance=unlike,
        interrupted=found.interrupted,
    )


def heard(recordings: Recordings) -> tuple[Descriptors, tuple[Descriptors, ...]]:
    """Return how the telling parts of the input and of each reference are heard."""
    rate = recordings.source.sample_rate
    every = (recordings.source, *recordings.references)
    first, *others = (
        Descriptors(as_tensor(telling_part(each.samples, rate)), rate) for each in every
    )
    return first, tuple(others)


def distances(every: Sequence[Target], recording: Descriptors) -> Mapping[str, float]:
    """Return how far a recording is from what is wanted, by loss."""
    return {each.loss.name: float(each.distance(recording)) for each in every}


def _template(options: TransferOptions, channels: int) -> Template:
    """Return the chain, free where it serves what is taken over; gains make up for the rest."""
    template = for_channels(choose_chain(options.chain, channels), channels)
    wanted_knobs = chosen(template.stage.slots(), {*options.dimensions, "level"})
    template = replace(template, free=template.free & wanted_knobs)
    if not template.free.any():
        raise MatchError(
            f"{template.name}: no knob of this chain serves {', '.join(options.dimensions)}"
        )
    return template


def _within_reach(
    template: Template, whole: Descriptors, references: Sequence[Descriptors]
) -> Template:
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
    everything: Sequence[Target], options: TransferOptions, played: Descriptors, whole: Descriptors
) -> tuple[Target, ...]:
    """Return what is wanted in the chosen dimensions; where not the level, the input's loudness."""
    kept = [each for each in everything if each.loss.dimension in options.dimensions]
    if "level" not in options.dimensions:
        kept += targets([OWN_LOUDNESS], played, whole, [whole])
    return tuple(kept)
