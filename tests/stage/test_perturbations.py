"""Tangents of what could be inserted are what inserting a little of it changes."""

import numpy as np
import torch

from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.stage import Chain
from fxchain.stage.perturbations import Perturbations

RATE = 44_100


def test_a_strength_moves_the_output_as_the_added_signal_does():
    generator = np.random.default_rng(3)
    audio = torch.from_numpy(0.2 * generator.standard_normal((1, 4_000)))
    added = torch.from_numpy(0.2 * generator.standard_normal((2, 1, 4_000)))
    head, tail = (
        parse_chain({"chain": [{"primitive": kind, "parameters": values}]}, "a test")
        for kind, values in (
            ("peak_filter", {"gain_db": 6.0}),
            ("distortion", {"drive_db": 12.0}),
        )
    )
    between = Perturbations(2, lambda signal, playback: added)
    chain = Chain((head[0], between, tail[0]))
    values = torch.from_numpy(np.concatenate([head[1], np.zeros(2), tail[1]]))
    active = np.zeros(len(values), dtype=bool)
    active[len(head[1]) : len(head[1]) + 2] = True
    playback = Playback(RATE)
    output, tangents = chain.linearize(
        audio, audio.new_zeros(0, 1, 4_000), playback, values, active
    )
    torch.testing.assert_close(output, chain.process(audio[None], playback, values[None])[0])
    before = head[0].process(audio[None], playback, torch.from_numpy(head[1])[None])
    for signal, tangent in zip(added, tangents, strict=True):
        ends = [
            tail[0].process(before + step * signal, playback, torch.from_numpy(tail[1])[None])[0]
            for step in (-1e-5, 1e-5)
        ]
        torch.testing.assert_close((ends[1] - ends[0]) / 2e-5, tangent, rtol=1e-4, atol=1e-6)
