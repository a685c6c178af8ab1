"""The chain of a transfer: descriptors, targets and objective of the recordings, and the search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from fxchain.errors import MatchError
from fxchain.optim.budget import Budget
from fxchain.player import Playback
from fxchain.stage import Stage
from fxchain.structure.equalizer_bands import level_index
from fxchain.structure.template import Template
from fxchain.structure.user_edits import for_channels
from fxchain.transferring.content_distance import content_distance
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.dimensions import serving
from fxchain.transferring.level import OWN_LOUDNESS, loudness
from fxchain.transferring.losses import LOSSES
from fxchain.transferring.objective import StyleTask, TransferObjective
from fxchain.transferring.options import TransferOptions
from fxchain.transferring.passages import excerpt, loud_passages
from fxchain.transferring.recordings import Recordings
from fxchain.transferring.search import search
from fxchain.transferring.style_chain import choose_chain
from fxchain.transferring.target import Target, as_tensor, targets

#: Differences of loudness beyond this are corrected before the search, dB.
LARGEST_GAIN_DB = 27.0


@dataclass(frozen=True, eq=False)
class FittedStyle:
    """The result of the search.

    Attributes:
        stage: structure
        values: (size,), physical
        free: (size,), bool, which values were searched
        chain: its name
        loss: of the objective
        content_distance: 0 as sections of one recording, 1 as different instruments
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
    """Search the chain that minimizes the objective of a transfer.

    Args:
        recordings: input and references
        options: of the transfer
        budget: seconds or steps

    Raises:
        MatchError: no control of the chain is free.
        KeyboardInterrupt: stopped before anything was found.
    """
    source = recordings.source
    template = _template(options, source.channels)
    samples, start = excerpt(source.samples, source.sample_rate)
    audio, playback = as_tensor(samples), Playback(source.sample_rate, first_sample=start)
    with torch.no_grad():
        part = Descriptors(audio, source.sample_rate)
        whole, references = passage_descriptors(recordings)
        distance = content_distance(whole, references)
        every = targets(LOSSES, part, whole, references, distance)
        chosen = _chosen(every, options, part, whole)
        if "level" in options.match:
            template = _with_initial_gain(template, whole, references)
    task = StyleTask(audio, playback, chosen, distance)
    objective = TransferObjective(template.stage, template.values, template.free, task)
    found = search(objective, budget, options.seed)
    return FittedStyle(
        stage=template.stage,
        values=found.values,
        free=template.free,
        chain=template.name,
        loss=found.loss,
        content_distance=distance,
        interrupted=found.interrupted,
    )


def passage_descriptors(recordings: Recordings) -> tuple[Descriptors, tuple[Descriptors, ...]]:
    """Return the descriptors of the loud passages of the input, and of each reference."""
    rate = recordings.source.sample_rate
    every = (recordings.source, *recordings.references)
    first, *others = (
        Descriptors(as_tensor(loud_passages(each.samples, rate)), rate) for each in every
    )
    return first, tuple(others)


def distances(every: Sequence[Target], recording: Descriptors) -> Mapping[str, float]:
    """Return the squared distance of a recording from each target, by name of the loss."""
    return {each.loss.name: float(each.distance(recording)) for each in every}


def _template(options: TransferOptions, channels: int) -> Template:
    """Return the chain with only those controls free that serve a chosen dimension or the level."""
    template = for_channels(choose_chain(options.chain, channels), channels)
    searched = serving(template.stage, {*options.match, "level"})
    template = replace(template, free=template.free & searched)
    if not template.free.any():
        raise MatchError(
            f"{template.name}: no knob of this chain serves {', '.join(options.match)}"
        )
    return template


def _with_initial_gain(
    template: Template, whole: Descriptors, references: Sequence[Descriptors]
) -> Template:
    """Return the chain with a last gain that corrects what exceeds `LARGEST_GAIN_DB`."""
    index = level_index(template.stage, template.values, template.free)
    if index is None:
        return template
    missing = float(np.mean([float(loudness(each) - loudness(whole)) for each in references]))
    values, spec = np.array(template.values), template.stage.slots()[index].spec
    excess = missing - float(np.clip(missing, -LARGEST_GAIN_DB, LARGEST_GAIN_DB))
    values[index] = np.clip(values[index] + excess, spec.low, spec.high)
    return replace(template, values=values)


def _chosen(
    every: Sequence[Target], options: TransferOptions, part: Descriptors, whole: Descriptors
) -> tuple[Target, ...]:
    """Return the targets of the chosen dimensions; the input's own loudness where level is not."""
    kept = [each for each in every if each.loss.dimension in options.match]
    if "level" not in options.match:
        kept += targets([OWN_LOUDNESS], part, whole, [whole])
    return tuple(kept)
