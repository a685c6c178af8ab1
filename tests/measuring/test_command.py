"""`fxchain measure` writes the sweep and the measurement, and refuses with one line."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from typer.testing import CliRunner

from fxchain.cli import app
from fxchain.files.audio_input import read_audio
from fxchain.files.audio_output import write_audio
from fxchain.measuring.sweep import SweepSignal
from tests.measuring.recordings import LATE, RATE, SECONDS, played, recorded

FILES = ["linear-response.wav", "measurement.json", "report.html"]
SIGNAL = SweepSignal(RATE, SECONDS)
SECOND_MARKER = LATE + SIGNAL.marker_starts[1]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Return the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, ["measure", *map(str, arguments)])


def refused(*arguments):
    result = run(*arguments)
    assert result.exit_code == 2, result.output
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    return result.stderr


def test_the_sweep_is_written_and_measured():
    result = run("sweep", "--out", "sweep.wav", "--seconds", SECONDS)
    assert result.exit_code == 0, result.output
    assert soundfile.info("sweep.wav").subtype == "PCM_24"
    sweep = read_audio("sweep.wav")
    np.testing.assert_allclose(sweep.samples[0], played(), atol=1e-6)
    write_audio("rec.wav", recorded(np.tanh(2.0 * sweep.samples[0])), RATE)
    result = run("rec.wav", "--out", "found")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in Path("found").iterdir()) == FILES
    found = json.loads(Path("found/measurement.json").read_text())
    assert found["latency_samples"] == pytest.approx(LATE, abs=0.05)
    assert found["levels"][0]["gain_db_at_1khz"] == pytest.approx(6.0, abs=0.05)
    assert f"latency      {found['latency_samples']:.2f} samples" in result.output
    page = Path("found/report.html").read_text()
    assert page.count('<svg class="plot"') == 4 and "order 5" in page
    for picture in ("Response of the fundamental", "Harmonics at -6 dBFS", "Silence"):
        assert picture in page
    assert "nan" not in page.split("<main")[1].split("<script")[0]
    response = read_audio("found/linear-response.wav")
    assert np.argmax(np.abs(response.samples[0])) == 32
    assert "the folder has files in it" in refused("rec.wav", "--out", "found")
    assert run("rec.wav", "--out", "found", "--force").exit_code == 0


def clipped():
    return np.clip(8.0 * recorded(played()), -1.0, 1.0)


def at_48k():
    return soxr.resample(recorded(played()), RATE, 48_000, quality="HQ")


def without(first, count):
    samples = recorded(played())
    samples[first : first + count] = 0.0
    return samples


def both_lost():
    samples = without(LATE + SIGNAL.marker_starts[0], 8_192)
    samples[SECOND_MARKER : SECOND_MARKER + 8_192] = 0.0
    return samples


BAD = {
    "another rate": (
        at_48k,
        48_000,
        "the sweep was made for 44100 Hz, and the",
    ),
    "end cut off": (lambda: recorded(played())[: SECOND_MARKER - 5_000], RATE, "rec.wav: cut off"),
    "beginning cut off": (
        lambda: recorded(played())[LATE + SIGNAL.sweep_starts[0] :],
        RATE,
        "the marker before the sweeps is lost",
    ),
    "clipped": (clipped, RATE, "samples lie at full scale; record it again at a lower level"),
    "markers lost": (both_lost, RATE, "the marker of a sweep is lost"),
    "music": (
        lambda: np.random.default_rng(0).standard_normal(20 * RATE) / 10,
        RATE,
        "the marker of a sweep is lost",
    ),
    "short": (lambda: 0.1 * np.ones(2_000), RATE, "the marker of a sweep is lost"),
    "silent": (lambda: np.zeros(20 * RATE), RATE, "silent; check the cables"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_recording_that_cannot_be_measured_is_one_line(name):
    make, rate, reason = BAD[name]
    write_audio("rec.wav", make().astype(np.float32), rate)
    assert reason in refused("rec.wav", "--out", "found")
    assert not Path("found").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("sweep", "--out", "s.wav", "--seconds", 1), "--seconds 1: give 2 to 60"),
        (("sweep", "--out", "s.wav", "--sample-rate", 8_000), "--sample-rate 8000: give 16000"),
        (("sweep", "--out", "s.txt"), "audio cannot be written as '.txt'"),
        (("sweep", "--out", "s.wav", "--channel", 0), "--channel: the sweep has one channel"),
        (("gone.wav", "--out", "found"), "gone.wav: there is no such file"),
        (("a.wav", "--out", "found", "--seconds", 8), "--seconds: the recording says it"),
        (("a.wav", "--out", "found", "--channel", 1), "a.wav: there is no channel 1; give 0 to 0"),
    ],
)
def test_options_that_make_no_sense_are_one_line(arguments, reason):
    write_audio("a.wav", played(), RATE)
    assert reason in refused(*arguments)
