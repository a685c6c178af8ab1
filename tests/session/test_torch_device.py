"""Slopes that are computed on a GPU; see `tests/stage/test_devices.py` for the columns."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from fxchain.errors import MatchError
from fxchain.matching.match import match
from fxchain.matching.match_pairs import match_pairs
from fxchain.matching.options import MatchOptions
from fxchain.matching.repeat_command import repeat_command
from fxchain.matching.search.result import FitResult
from fxchain.matching.search.schedule import fit
from fxchain.objectives.excerpt import Excerpt, choose_excerpts
from fxchain.objectives.waveform_error import WaveformError
from fxchain.optim.budget import Budget
from fxchain.preset import parse_chain
from fxchain.recordings.problem import Problem
from fxchain.session.torch_device import check_device
from fxchain.structure.template import Template
from tests.known_pair import CHAIN, RATE, effect, known_pair
from tests.matching.stand_in import replace_fit


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:-1", "cuda:1,2", "cuda:99999", "", "CPU"])
def test_what_is_no_device_is_refused(name: str) -> None:
    with pytest.raises(MatchError, match="give cpu, cuda, or cuda:N"):
        MatchOptions(device=name).check()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
def test_without_a_gpu_the_refusal_says_so() -> None:
    with pytest.raises(MatchError, match=r"--device cuda: torch .* finds no GPU here"):
        MatchOptions(device="cuda").check()


def test_of_several_gpus_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    check_device("cuda")
    check_device("cuda:1")
    with pytest.raises(MatchError, match="there are only 2 GPUs here"):
        check_device("cuda:2")


def test_the_command_that_repeats_a_match_names_the_device() -> None:
    assert "--device cuda:1" in repeat_command(["a.wav", "b.wav"], MatchOptions(device="cuda:1"))
    assert "--device" not in repeat_command(["a.wav", "b.wav"], MatchOptions())


def test_what_is_wished_reaches_what_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    seen: list[str] = []

    def stop(problems: Sequence[Problem], *_: object) -> FitResult:
        seen.extend(each.torch_device for each in choose_excerpts(problems, 1.0))
        raise KeyboardInterrupt

    replace_fit(monkeypatch, stop)
    pair = known_pair(1.0)[0]
    with pytest.raises(KeyboardInterrupt):
        match(pair.dry, pair.wet, RATE, device="cuda:1")
    with pytest.raises(KeyboardInterrupt):
        match_pairs([(pair.dry, pair.wet)] * 2, RATE, device="cuda:1")
    assert seen == ["cuda:1"] * 3


def an_objective(device: str, weighting: float = 0.0, gain_free: bool = False) -> WaveformError:
    """Return the error of a chain that needs nothing sample by sample behind its first knob."""
    chain = [each for each in CHAIN["chain"] if each.get("primitive") != "compressor"]
    stage, values, _ = parse_chain({"chain": [*chain, effect("lowpass_filter")]}, "test")
    problem, _, _ = known_pair(0.5)
    excerpt = Excerpt(problem.dry, problem.wet, 1_000, gain_free, device)
    free = np.array([slot.spec.name != "width" for slot in stage.slots()])
    return WaveformError(stage, values, free, excerpt, RATE, weighting)


@pytest.mark.parametrize(("weighting", "gain_free"), [(0.0, False), (0.5, False), (0.0, True)])
def test_slopes_do_not_mix_devices(
    weighting: float, gain_free: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The meta device has shapes without numbers; what comes back from it is zero here."""
    here = an_objective("cpu", weighting, gain_free)
    there = an_objective("meta", weighting, gain_free)
    cube = here.cube(here.base)
    index = here.jacobian_indices()
    expected = here.linearize(cube, index)
    monkeypatch.setattr(torch.Tensor, "cpu", lambda self: torch.zeros(self.shape, dtype=self.dtype))
    found = there.linearize(cube, index)
    assert found.jacobian.is_meta
    assert found.jacobian.shape == expected.jacobian.shape
    assert found.gauss_newton_hessian.shape == expected.gauss_newton_hessian.shape
    assert found.project(there.residual(cube)).shape == expected.slope.shape
    assert there.jacobian(cube, index).shape == tuple(expected.jacobian.shape)
    assert there.gradient(cube)[1].shape == cube.shape
    assert found.loss == pytest.approx(expected.loss)


def test_a_fit_by_ffts_ends_where_one_by_samples_does(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, stage, values = known_pair(1.0)
    free = np.array([slot.kind not in ("delay", "reverb") for slot in stage.slots()])
    begin = np.array([slot.spec.default for slot in stage.slots()])
    start = np.where(free, 0.8 * values + 0.2 * begin, values)
    template = Template("test", stage, start, free, started=True)
    by_samples = fit(problem, template, Budget(steps=15), seed=0)
    monkeypatch.setattr("fxchain.stage.linear.elsewhere", lambda audio, tangents: True)
    by_ffts = fit(problem, template, Budget(steps=15), seed=0)
    assert by_samples.history[0]["loss"] > 1e-2
    assert max(by_samples.loss, by_ffts.loss) < 1e-10
