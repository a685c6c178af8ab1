"""Tangents that lie on another device than the audio.

On the CPU alone, two things of it can be shown. What the other device computes: the same columns
by FFTs alone as sample by sample. And that nothing which lies there is mixed with what lies here:
torch's meta device has shapes without numbers, and refuses that like any other. Where there is a
GPU, its columns are compared too.
"""

import numpy as np
import pytest
import torch
from torch import Tensor

from fxchain.player import Playback
from fxchain.primitives import REGISTRY
from fxchain.stage import Stage
from tests.stage.test_linearize import RATE, STAGES, every_stage, noise, values_of

#: Sections are cut off where they still ring by so much, and float32 rounds.
NEAR = 5e-3

needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


def jacobian_indices(stage: Stage) -> np.ndarray:
    return np.array([slot.has_jacobian for slot in stage.slots()], dtype=bool)


def jacobian(stage: Stage, audio: Tensor, device: str = "cpu") -> Tensor:
    values = torch.from_numpy(values_of(stage))
    none = torch.zeros(0, *audio.shape, device=device)
    output, found = stage.linearize(audio, none, Playback(RATE), values, jacobian_indices(stage))
    played = stage.process(audio[None], Playback(RATE), values[None])[0]
    torch.testing.assert_close(output, played, rtol=0.0, atol=0.0)
    return found


def assert_near(found: Tensor, expected: Tensor) -> None:
    assert found.shape == expected.shape
    for one, other in zip(found, expected, strict=True):
        assert (one - other).norm() <= NEAR * other.norm()


@every_stage
@pytest.mark.parametrize("channels", [1, 2])
def test_columns_by_ffts_are_those_by_samples(
    stage: Stage, channels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = noise(channels, torch.float32)
    expected = jacobian(stage, audio)
    monkeypatch.setattr("fxchain.stage.linear.elsewhere", lambda audio, tangents: True)
    assert_near(jacobian(stage, audio), expected)


def stays_there(stage: Stage) -> bool:
    """Tell whether nothing of a stage needs its tangents on the CPU."""
    kinds = [REGISTRY[slot.kind] for slot in stage.slots() if slot.kind in REGISTRY]
    return all(kind.process is None or kind.memoryless for kind in kinds)


@pytest.mark.parametrize(
    "stage", [each for each in STAGES.values() if stays_there(each)],
    ids=[name for name, each in STAGES.items() if stays_there(each)],
)  # fmt: skip
@pytest.mark.parametrize("channels", [1, 2])
def test_what_lies_elsewhere_stays_there(stage: Stage, channels: int) -> None:
    found = jacobian(stage, noise(channels, torch.float32), "meta")
    assert found.is_meta
    assert found.shape[:2] == (jacobian_indices(stage).sum(), channels)


@needs_gpu
@every_stage
@pytest.mark.parametrize("channels", [1, 2])
def test_columns_of_a_gpu_are_those_of_the_cpu(stage: Stage, channels: int) -> None:
    audio = noise(channels, torch.float32)
    assert_near(jacobian(stage, audio, "cuda").cpu(), jacobian(stage, audio))
