"""The objective over the chain's end, and contents of several references."""

import numpy as np
import pytest

import fxchain
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.player import Playback
from fxchain.transferring.descriptors import Descriptors
from fxchain.transferring.losses import LOSSES
from fxchain.transferring.objective import StyleTask, TransferObjective
from fxchain.transferring.style_chain import style_chain
from fxchain.transferring.target import as_tensor, targets

RATE = 16_000


def test_the_end_of_a_chain_costs_what_the_whole_costs():
    audio = as_tensor(plucked_strings(2.0, RATE, seed=1))
    reference = as_tensor(plucked_strings(2.0, RATE, seed=2))
    recording = Descriptors(audio, RATE)
    template = style_chain(1)
    every = targets(LOSSES, recording, recording, [Descriptors(reference, RATE)])
    task = StyleTask(audio, Playback(RATE), every, 0.5)
    objective = TransferObjective(template.stage, template.values, template.free, task)
    position = np.random.default_rng(0).uniform(0.3, 0.7, int(template.free.sum()))
    last = len(template.stage.stages) - 1
    end = objective.end(last, position)
    tail = end.losses(position[None, -int(end.free.sum()) :])
    assert tail[0] == pytest.approx(objective.losses(position[None])[0], rel=1e-3)


def test_what_is_unlike_each_reference_is_unlike_all_of_them():
    strings = plucked_strings(3.0, RATE, seed=1)
    others = [plucked_strings(3.0, RATE, seed=2), white_noise(3.0, RATE, seed=3)]

    def content_distance(*references):
        found = fxchain.transfer(strings, *references, sample_rate=RATE, iterations=1)
        return found.metrics["unlikeness"]

    alone = [content_distance(each) for each in others]
    assert alone[0] < alone[1]
    assert content_distance(*others) == pytest.approx(np.mean(alone), abs=0.02)
