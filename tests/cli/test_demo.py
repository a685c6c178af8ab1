"""`fxchain demo`: a chain is hidden and found again."""

import json

import numpy as np
import soundfile
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.cli.demo import hide
from fxchain.data.presets import hidden_chain
from fxchain.preset import Preset

FILES = [
    "board.py", "dry.wav", "front.json", "hidden.json", "matched.wav", "metrics.json",
    "preset.json", "report.html", "wet.wav",
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
        _, drawn = hidden_chain(np.random.default_rng(seed), hidden.sample_rate)
        same = np.isclose(hidden.values, drawn, rtol=1e-6)
        assert same[:-1].sum() == 0  # the last one, the reverb's width, is always 1


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
