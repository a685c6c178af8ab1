"""A measurement beside the recordings: its latency, its response, and what it excludes."""

import shlex

import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve
from typer.testing import CliRunner

from fxchain import match, match_pairs
from fxchain.cli import app
from fxchain.data.signals import plucked_strings
from fxchain.devices.captures import Captures, DeviceKnob
from fxchain.devices.match_device import match_device
from fxchain.errors import MatchError
from fxchain.evidence import measure_evidence
from fxchain.files.audio_input import Audio
from fxchain.matching.measured import MeasuredFolder
from fxchain.matching.options import MatchOptions
from fxchain.matching.saved_request import SavedRequest
from fxchain.measuring.files import write_measurement
from fxchain.measuring.measurement import measure
from fxchain.measuring.sweep import SweepSignal
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.primitives.evidence import EXCLUDED
from fxchain.recordings.pair_source import PairSource
from fxchain.recordings.several_pairs import align_pairs, read_pair_sources
from fxchain.render import render
from fxchain.stage import Chain, Effect

RATE, NOISE = 44_100, 3e-4
FILTERS = Preset(
    Chain((Effect(REGISTRY["low_shelf_filter"]), Effect(REGISTRY["peak_filter"]))),
    np.array([200.0, 6.0, 0.7, 1_500.0, -9.0, 2.0]),
    RATE,
)


def noisy(samples, seed, noise=NOISE):
    there = np.random.default_rng(seed).standard_normal(samples.shape)
    return (samples + noise * there).astype(np.float32)


def strings(peak=0.45):
    dry = np.atleast_2d(plucked_strings(3.0, RATE, seed=3))
    return (peak * dry / np.abs(dry).max()).astype(np.float32)


def write_measured(folder, late=0, noise=1e-5, sample_rate=RATE, inverted=False):
    """Write the measurement of `FILTERS`, heard so many samples late."""
    wet = render(FILTERS, SweepSignal(sample_rate, 2).samples(), sample_rate)
    wet = np.pad(-wet if inverted else wet, ((0, 0), (late, 20_000)))
    recorded = Audio(noisy(wet, 1, noise), sample_rate, "rec.wav")
    write_measurement(measure(recorded), folder, "0")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return the folder of a measurement of `FILTERS`."""
    return write_measured(tmp_path_factory.mktemp("device") / "measured")


@pytest.fixture(scope="module")
def wet():
    """Return what `FILTERS` make of the strings, in noise."""
    return noisy(render(FILTERS, strings(), RATE), 2)


def aligned(dry, wet, anyway=False, **known):
    sources = (PairSource(dry, wet, **known),)
    return align_pairs(sources, read_pair_sources(sources, RATE), anyway=anyway)


def test_the_response_is_that_of_the_device(folder, wet):
    device = MeasuredFolder.read(folder).device(aligned(strings(), wet))
    points = np.geomspace(40.0, 16_000.0, 40)
    impulse = np.zeros((1, 32_768), np.float32)
    impulse[0, 0] = 1.0
    heard = render(FILTERS, impulse, RATE)[0]
    times = np.arange(len(heard)) / RATE
    truth = np.array([np.exp(-2j * np.pi * hz * times) @ heard for hz in points])
    np.testing.assert_allclose(device.response(points), truth, rtol=0.03)


def test_a_measurement_excludes_what_noise_hides_in_the_pair(folder, wet):
    pairs = aligned(strings(), wet)
    device = MeasuredFolder.read(folder).device(pairs)
    pair = measure_evidence(strings(), wet, RATE)
    joined = device.joined(pair)
    hidden = ("distortion", "waveshaper", "clipping", "compressor")
    assert min(REGISTRY[kind].evidence(pair) for kind in hidden) > EXCLUDED
    for kind in (*hidden, "limiter"):
        assert REGISTRY[kind].evidence(joined) <= EXCLUDED, kind
    for kind in ("chorus", "tremolo", "noise_gate", "delay", "reverb", "peak_filter"):
        assert REGISTRY[kind].evidence(joined) == REGISTRY[kind].evidence(pair), kind


def test_above_the_sweeps_it_says_nothing(folder, wet):
    pairs = MeasuredFolder.read(folder).aligned(aligned(strings(0.9), 2.0 * wet))
    assert any("louder than the sweeps" in sentence for sentence in pairs.warnings)
    pair = measure_evidence(strings(0.9), 2.0 * wet, RATE)
    assert MeasuredFolder.read(folder).device(pairs).joined(pair) == pair


def test_the_loudest_sweep_is_no_louder_than_itself(folder):
    signal = SweepSignal(RATE, 2)
    begin = signal.sweep_starts[-1]
    dry = signal.samples()[:, begin : begin + 2 * RATE]
    assert np.abs(dry).max() == pytest.approx(10.0 ** (-6.0 / 20.0), rel=1e-3)
    measured = MeasuredFolder.read(folder)
    found = aligned(dry, render(FILTERS, dry, RATE), latency_samples=0, polarity=1)
    assert not any("louder than" in sentence for sentence in measured.aligned(found).warnings)
    assert measured.device(found).covers


@pytest.mark.parametrize(
    ("peak", "covered"), [(1e-3, True), (0.45, True), (0.55, False), (20, False)]
)
def test_levels_are_those_of_the_files(folder, wet, peak, covered):
    measured, factor = MeasuredFolder.read(folder), np.float32(peak / 0.45)
    found = aligned(factor * strings(), factor * wet, latency_samples=0, polarity=1)
    said = " ".join(measured.aligned(found).warnings)
    assert ("louder than the sweeps" in said) == (not covered)
    assert measured.device(found).covers == covered


def test_a_latency_that_agrees_is_known(folder, wet):
    before = aligned(strings(), wet)
    found = MeasuredFolder.read(folder).aligned(before)
    assert found.warnings == before.warnings
    assert found.pairs[0].problem.latency_known
    assert found.pairs[0].alignment.latency_samples == 0


def test_a_doubted_latency_gives_way_to_the_measured_one(folder, wet):
    before = aligned(strings(), noisy(wet, 5, noise=0.1), anyway=True)
    doubts = [sentence for sentence in before.warnings if "--latency-samples" in sentence]
    assert len(doubts) == 1 and before.pairs[0].alignment.confidence < 0.5
    found = MeasuredFolder.read(folder).aligned(before)
    (pair,) = found.pairs
    for said in (found.warnings, pair.warnings, pair.alignment_warnings):
        assert not any("--latency-samples" in sentence for sentence in said)
    *others, said = found.warnings
    assert others == [sentence for sentence in before.warnings if sentence not in doubts]
    assert "its latency is uncertain" in said and said.endswith(f"{folder}, 0 samples, is used")
    assert not pair.problem.latency_known


def test_a_doubted_latency_far_from_the_measured_one_stays_in_doubt(folder):
    rng, late = np.random.default_rng(5), np.arange(RATE) / RATE
    room = rng.standard_normal((1, RATE)) * np.exp(-6.0 * late)
    heard = fftconvolve(render(FILTERS, strings(), RATE), room, axes=-1)[:, : 3 * RATE]
    heard = (0.4 * heard / np.abs(heard).max()).astype(np.float32)
    before = aligned(strings(), heard, anyway=True)
    assert any("--latency-samples" in sentence for sentence in before.warnings)
    found = MeasuredFolder.read(folder).aligned(before)
    assert found.warnings[: len(before.warnings)] == before.warnings
    assert found.pairs[0].alignment.latency_samples == before.pairs[0].alignment.latency_samples
    assert any("the measured one is not used" in sentence for sentence in found.warnings)


def test_a_latency_that_was_given_stays(folder, wet):
    found = MeasuredFolder.read(folder).aligned(aligned(strings(), wet, latency_samples=0.25))
    assert found.pairs[0].alignment.latency_samples == 0.25


def test_another_latency_and_polarity_are_said_and_not_used(tmp_path, wet):
    folder = write_measured(tmp_path / "late", late=333, inverted=True)
    found = MeasuredFolder.read(folder).aligned(aligned(strings(), wet))
    assert not found.pairs[0].problem.latency_known
    assert found.pairs[0].alignment.latency_samples == 0 and found.polarity == 1
    said = " ".join(found.warnings)
    assert "its latency is 0 samples" in said and "333.0" in said
    assert f"the polarity of the measurement in {folder} is -" in said


def test_a_match_begins_with_the_measured_filters(folder, wet):
    found = match(strings(), wet, RATE, measured=folder, iterations=5, threads=1)
    slots = {
        slot.name: value
        for slot, value in zip(found.preset.stage.slots(), found.preset.values, strict=True)
    }
    assert slots["peak_filter.cutoff_frequency_hz"] == pytest.approx(1_500.0, rel=0.02)
    assert slots["peak_filter.gain_db"] == pytest.approx(-9.0, abs=0.3)
    words = shlex.split(found.metrics["command"])
    assert words[words.index("--measured") + 1] == "measured"
    assert found.metrics["settings"]["measured"] == "measured"


def test_another_rate_is_one_line(tmp_path, wet):
    folder = write_measured(tmp_path / "other", sample_rate=48_000)
    with pytest.raises(MatchError, match="measured at 48000 Hz, and the recordings have 44100"):
        match(strings(), wet, RATE, measured=folder, iterations=1)


def test_no_measurement_is_one_line(tmp_path, wet):
    with pytest.raises(MatchError, match="no measurement; give the folder"):
        match_pairs([(strings(), wet)], RATE, measured=tmp_path, iterations=1)


def test_a_device_with_knobs_has_no_one_measurement(folder, wet):
    sources = tuple(PairSource(strings(), wet, f"at {at}") for at in (0, 5))
    captures = Captures(sources, (DeviceKnob("tone", 0.0, 10.0),), np.array([[0.0], [5.0]]))
    with pytest.raises(MatchError, match="of one position of the knobs"):
        match_device(captures, sample_rate=RATE, measured=folder, iterations=1)


def test_the_request_keeps_the_folder(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    asked = SavedRequest(dry="a.wav", wet="b.wav", options=MatchOptions(measured="measured"))
    kept = SavedRequest.from_json(asked.absolute().to_json(), "request")
    assert kept.keywords()["measured"] == str(folder)


def test_the_command_takes_a_folder(folder, wet, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    soundfile.write("dry.wav", strings()[0], RATE, subtype="FLOAT")
    soundfile.write("wet.wav", wet[0], RATE, subtype="FLOAT")
    words = ["match", "dry.wav", "wet.wav", "--iterations", "4", "--threads", "1"]
    refused = CliRunner().invoke(app, [*words, "--measured", str(tmp_path)])
    assert refused.exit_code == 2 and refused.stderr.count("error: ") == 1
    assert "no measurement" in refused.stderr
    result = CliRunner().invoke(app, [*words, "--measured", str(folder), "--force"])
    assert result.exit_code == 0, result.output
