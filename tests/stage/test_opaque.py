"""An effect without gradients: it is played, and hides itself and what stands before it."""

import numpy as np
import pedalboard
import pytest
import torch

from fxchain.data.signals import plucked_strings, white_noise
from fxchain.errors import ParameterError
from fxchain.matching.search.schedule import fit
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.budget import Budget
from fxchain.optim.evolution import Evolution
from fxchain.parameter import ParameterSpec
from fxchain.player import Playback
from fxchain.primitives import REGISTRY, Primitive
from fxchain.recordings.problem import Problem
from fxchain.stage import Chain, Effect, Mix, Stage
from fxchain.structure.knob_vector import KnobVector
from fxchain.structure.template import Template

RATE = 44_100
HERE = Playback(float(RATE))


def bitcrush(playback: Playback, bit_depth: float) -> pedalboard.Plugin:
    return pedalboard.Bitcrush(bit_depth)


BITCRUSH = Primitive(
    kind="bitcrush",
    summary="Rounds samples to few bits.",
    nature="memoryless",
    purpose="drive",
    parameters=(ParameterSpec("bit_depth", "", 1.0, 16.0, 8.0),),
    gradient="none",
    plugin=bitcrush,
    probe={"bit_depth": 4.0},
)
CRUSHED = Effect(BITCRUSH)


def of(kind: str) -> Effect:
    return Effect(REGISTRY[kind])


def seen(stage: Stage) -> list[str]:
    """Return the controls with a derivative."""
    slots = stage.slots()
    found = [f"{slot.path} {slot.spec.name}" for slot in slots if slot.has_jacobian]
    assert found == [f"{slot.path} {slot.spec.name}" for slot in slots if slot.autograd_sees]
    return found


def test_it_hides_its_own_controls_and_all_before_it() -> None:
    assert seen(Chain((of("gain"), CRUSHED, of("clipping")))) == ["chain[2] threshold_db"]
    assert seen(CRUSHED) == []
    inner = Chain((of("gain"), CRUSHED))
    assert seen(Chain((of("gain"), inner, of("gain")))) == ["chain[2] gain_db"]


def test_a_mix_with_such_a_branch_hides_what_stands_before_the_mix() -> None:
    mix = Mix((Chain((of("gain"), CRUSHED)), of("clipping")))
    assert seen(Chain((of("gain"), mix, of("gain")))) == [
        "chain[1].mix[0] weight",
        "chain[1].mix[1] weight",
        "chain[1].mix[1] threshold_db",
        "chain[2] gain_db",
    ]


def test_hidden_controls_are_left_to_evolution() -> None:
    stage = Chain((of("gain"), CRUSHED, of("gain")))
    knobs = KnobVector(stage, np.array([0.0, 8.0, 0.0]), np.ones(3, dtype=bool))
    assert knobs.evolution_indices().tolist() == [0, 1]
    assert knobs.autograd_indices().tolist() == knobs.jacobian_indices().tolist() == [2]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_it_sounds_as_the_plugin_does_and_passes_no_gradient(dtype: torch.dtype) -> None:
    stage = Chain((of("gain"), CRUSHED, of("gain")))
    values = torch.tensor([[3.0, 4.0, -2.0], [0.0, 6.0, 0.0]], dtype=torch.float64).requires_grad_()
    samples = white_noise(0.2, RATE, channels=2)
    audio = torch.from_numpy(samples)[None].to(dtype).requires_grad_()
    made = stage.process(audio, HERE, values)
    assert made.dtype == dtype
    for item in range(2):
        board = stage.plugin(HERE, values[item].detach().numpy())(samples, RATE)
        np.testing.assert_allclose(made[item].detach().numpy(), board, atol=1e-6)
    of_audio, of_values = torch.autograd.grad(made.square().sum(), (audio, values))
    assert not of_audio.any() and not of_values[:, :2].any()
    assert of_values[:, 2].all()


def test_forward_derivatives_stop_at_it() -> None:
    stage = Chain((of("gain"), CRUSHED, of("gain")))
    audio = torch.from_numpy(white_noise(0.2, RATE))
    values = torch.tensor([3.0, 4.0, -2.0], dtype=torch.float64)
    active = np.array([slot.has_jacobian for slot in stage.slots()])
    output, moved = stage.linearize(audio, torch.ones(1, *audio.shape), HERE, values, active)
    torch.testing.assert_close(output, stage.process(audio[None], HERE, values[None])[0])
    assert not moved[0].any()
    torch.testing.assert_close(moved[1], output * np.log(10.0) / 20.0)


def test_it_needs_a_plugin() -> None:
    with pytest.raises(ParameterError, match="no plugin to play it"):
        Primitive(
            kind="unknown",
            summary="Nobody knows.",
            nature="opaque",
            purpose="tone",
            parameters=(),
            gradient="none",
            render=lambda audio, playback: audio,
        )


def problem_and_start() -> tuple[Problem, Template]:
    stage = Chain((of("gain"), CRUSHED, of("gain")))
    dry = plucked_strings(1.5, RATE, seed=1)
    wet = stage.plugin(HERE, np.array([6.0, 4.0, -5.0]))(dry, RATE)
    start, free = np.array([0.0, 9.0, -5.0]), np.ones(3, dtype=bool)
    return Problem(dry, wet, 0, RATE, 1), Template("test", stage, start, free)


def test_evolution_moves_what_it_hides() -> None:
    problem, template = problem_and_start()
    excerpt = Excerpt(problem.dry, problem.wet, 0)
    objective = WaveformError(template.stage, template.values, template.free, excerpt, RATE)
    begin = objective.cube(template.values)
    evolution = Evolution(seed=0, population=8, generations=12, sigma=0.2)
    found = evolution.minimize(objective, begin, Budget(steps=200).portion(1.0))
    assert (found.cube[:2] != begin[:2]).all() and found.cube[2] == begin[2]
    assert found.loss < 0.5 * objective.losses(begin[None])[0]


def test_a_match_with_it_runs() -> None:
    problem, template = problem_and_start()
    found = fit(problem, template, Budget(steps=40), seed=0)
    plain = fit(problem, template, Budget(steps=1), seed=0)
    assert found.loss <= plain.loss and not found.interrupted
