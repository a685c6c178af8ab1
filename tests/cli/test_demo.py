"""`fxchain demo`: a chain is hidden and found again."""

import json

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.cli.demo import STAGES, hide
from fxchain.data.presets import hidden_order
from fxchain.preset import Preset
from fxchain.render import render
from fxchain.stage import Chain

FILES = [
    "board.py", "dry.wav", "hidden.json", "matched.wav", "metrics.json", "preset.json",
    "report.html", "wet.wav",
]  # fmt: skip


def demo(*arguments):
    return CliRunner().invoke(app, ["demo", *(str(argument) for argument in arguments)])


def test_it_writes_everything_and_prints_both_chains(tmp_path):
    result = demo("--out", tmp_path / "demo", "--iterations", 2)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "demo").iterdir()) == FILES
    assert "the hidden chain" in result.stdout and "held out" in result.stdout
    dry, rate = soundfile.read(tmp_path / "demo" / "dry.wav", dtype="float32")
    wet, _ = soundfile.read(tmp_path / "demo" / "wet.wav", dtype="float32")
    hidden = Preset.load(tmp_path / "demo" / "hidden.json").to_pedalboard(rate)
    np.testing.assert_allclose(hidden(dry[np.newaxis], rate)[0], wet, atol=1e-5)
    metrics = json.loads((tmp_path / "demo" / "metrics.json").read_text())
    assert metrics["latency_samples"] == 0 and metrics["held_out"] is not None


def test_a_search_with_the_demos_seed_does_not_draw_the_hidden_chain():
    for seed in range(3):
        hidden = hide(seed)[1]
        _, drawn = hidden_order(np.random.default_rng(seed), STAGES, hidden.sample_rate)
        assert not np.isin(hidden.values[hidden.values != 1.0], drawn).any()  # a width is always 1


@pytest.mark.parametrize("seed", range(4))
def test_every_hidden_effect_can_be_heard(seed):
    dry, hidden, wet = hide(seed)
    kinds = [slot.kind for slot in hidden.stage.slots()]
    assert len(set(kinds)) == STAGES
    without = [hidden.values[[k != gone for k in kinds]] for gone in dict.fromkeys(kinds)]
    for gone, values in zip(dict.fromkeys(kinds), without, strict=True):
        left = Chain(tuple(e for e in hidden.stage.stages if e.primitive.kind != gone))
        played = render(Preset(left, values, hidden.sample_rate), dry, hidden.sample_rate)
        gain = float((played * wet).sum() / np.square(played).sum())
        assert np.square(wet - gain * played).sum() > 1e-4 * np.square(wet).sum()


def test_a_folder_with_files_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    result = demo("--out", tmp_path)
    assert result.exit_code == 2 and "has files in it" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_stopped_before_anything_was_found(tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("fxchain.matching.search.schedule.fit", stop)
    result = demo("--out", tmp_path / "demo")
    assert result.exit_code == 130 and not (tmp_path / "demo").exists()
