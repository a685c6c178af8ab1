"""Everything that plays and differentiates stages, loaded and compiled before it is timed.

Recursions, envelopes and responses are compiled when they are first called, torch builds its
forward derivatives then, and what was compiled before is read from its cache: seconds that belong
to no search. One short chain of every effect, played and differentiated in every way that a search
does, calls all of it.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import torch
from torch import Tensor

from fxchain.player import Playback
from fxchain.primitives import REGISTRY
from fxchain.stage.chain import Chain
from fxchain.stage.effect import Effect
from fxchain.stage.mix import Mix

#: Of the noise that is played.
_SAMPLES, _SAMPLE_RATE = 512, 44_100
#: Derivatives of the audio that are carried along: few and many are computed in different ways.
_DIRECTIONS = (0, 1, 8)


@cache
def compile_stages() -> None:
    """Play and differentiate a short chain of every effect, once in a process.

    Random numbers and threads of torch stay as they are.
    """
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (1, _SAMPLES)).astype(np.float32)
    audio, playback = torch.from_numpy(noise), Playback(_SAMPLE_RATE)
    effects = tuple(Effect(known) for known in REGISTRY.values() if not known.assets)
    drawn = tuple(
        Effect(known, known.draw_assets(np.random.default_rng(0)))
        for known in REGISTRY.values()
        if known.draw_assets is not None
    )
    sections = tuple(each for each in effects if each.primitive.sections is not None)
    filters = tuple(each for each in effects if each.primitive.nature == "filter")
    parts = (effects, sections, sections[:1], sections[-2:], filters, drawn)
    stages: list[Chain | Mix] = [Chain(each) for each in parts]
    played = [(stage, playback) for stage in [*stages, Mix((Chain(sections),))]]
    played.append((Chain(sections), replace(playback, rounded=False)))
    for stage, how in played:
        values = torch.tensor([slot.spec.default for slot in stage.slots()], dtype=torch.float64)
        _play(stage, audio, how, values)


def _play(stage: Chain | Mix, audio: Tensor, playback: Playback, values: Tensor) -> None:
    """Play with and without a gradient, then differentiate along audio and values."""
    with torch.no_grad():
        stage.process(audio[None], playback, values[None])
    with torch.enable_grad():
        moved = values.clone().requires_grad_()
        stage.process(audio[None], playback, moved[None]).square().mean().backward()
    known = np.array([slot.has_jacobian for slot in stage.slots()])
    places = np.arange(len(known))
    with torch.no_grad():
        for directions in _DIRECTIONS:
            for first in {0, len(known) // 2, len(known) - 1}:  # a part of a matrix is not dense
                tangents = audio.expand(directions, -1, -1).clone()
                stage.linearize(audio, tangents, playback, values, known & (places >= first))
