"""One chain for several recordings of one device."""

import json
import math
from functools import partial

import numpy as np
import pytest
import soundfile

from fxchain.baselines.linear import joint_linear_filter
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.errors import AudioError, MatchError
from fxchain.matching.match_pairs import match_pairs
from fxchain.matching.search.result import FitResult
from fxchain.metrics.scores import esr
from fxchain.player import Playback
from fxchain.preset import parse_chain
from fxchain.recordings.pair_source import PairSource
from tests.matching.stand_in import replace_fit

RATE = 16_000
DRIVEN = {
    "chain": [
        {
            "primitive": "peak_filter",
            "parameters": {"cutoff_frequency_hz": 1_000.0, "gain_db": 8.0, "q": 0.8},
        },
        {"primitive": "distortion", "parameters": {"drive_db": 15.0}},
        {"primitive": "gain", "parameters": {"gain_db": -8.0}},
    ]
}


def strings(seconds=2.0, seed=0, rate=RATE):
    return plucked_strings(seconds, rate, seed)


def late(audio, samples):
    return np.pad(audio, ((0, 0), (samples, 0)))


def device(dry):
    """Play the chain that is to be found."""
    stage, values, _ = parse_chain(DRIVEN, "the test's chain")
    return stage.plugin(Playback(RATE), values)(dry, RATE)


@pytest.fixture(autouse=True)
def short_filter(monkeypatch):
    """A linear baseline of few taps: quick, and not what is tested here."""
    few = partial(joint_linear_filter, taps=64)
    monkeypatch.setattr("fxchain.matching.scoring.pair_scores.joint_linear_filter", few)


@pytest.fixture
def searched(tmp_path):
    """The same chain with nothing known."""
    path = tmp_path / "chain.json"
    kinds = [{"primitive": node["primitive"]} for node in DRIVEN["chain"]]
    path.write_text(json.dumps({"chain": kinds}))
    return path


@pytest.fixture
def gain_chain(tmp_path):
    path = tmp_path / "gain.json"
    path.write_text('{"chain": [{"primitive": "gain"}]}')
    return path


@pytest.fixture
def stood_in(gain_chain, monkeypatch):
    """Match with a stand-in for the fit that sets the gain to the level of the first pair."""

    def solve(problems, template, budget, seed):
        first = problems[0]
        level = np.sqrt(np.square(first.wet).sum() / np.square(first.dry).sum())
        values = np.array(template.values)
        values[[slot.name for slot in template.stage.slots()].index("gain.gain_db")] = (
            20.0 * math.log10(level)
        )
        return FitResult(template.stage, values, 0.1, budget.history)

    replace_fit(monkeypatch, solve)

    def do(sources, sample_rate=RATE, **options):
        options = {"chain": gain_chain, "iterations": 2} | options
        return match_pairs(sources, sample_rate, **options)

    return do


def test_figures_are_the_means_of_the_pairs(stood_in):
    sources = [
        (strings(6.0), 0.5 * late(strings(6.0), 40)),
        PairSource(strings(2.0, 1), late(strings(2.0, 1), 7), id="short"),
    ]
    found = stood_in(sources)
    metrics = found.metrics
    first, second = metrics["pairs"]
    assert [first["id"], second["id"]] == ["pair-1", "short"]
    assert [first["latency_samples"], second["latency_samples"]] == [40, 7]
    assert first["fitted"]["esr"] < 1e-10 and first["held_out"]["esr"] < 1e-10
    assert second["fitted"]["esr"] == pytest.approx(0.25, rel=1e-3)
    assert second["held_out"] is None
    assert metrics["fitted"]["esr"] == pytest.approx(0.125, rel=1e-3)
    assert metrics["held_out"]["esr"] == first["held_out"]["esr"]
    for name in ("unprocessed", "best_gain", "best_linear_filter"):
        means = [pair["baselines"][name]["fitted"]["esr"] for pair in metrics["pairs"]]
        assert metrics["baselines"][name]["fitted"]["esr"] == pytest.approx(np.mean(means))
    assert metrics["polarity"] == 1 and first["gain_db"] == second["gain_db"] == 0.0
    assert metrics["null_depth_db"] < -120
    assert any(sentence.startswith("pair short: ") for sentence in metrics["warnings"])
    json.dumps(metrics, allow_nan=False)


def test_the_best_gain_is_that_of_all_pairs(stood_in):
    found = stood_in([(strings(), strings()), (strings(seed=1), 0.25 * strings(seed=1))])
    gains = np.linspace(0.0, 1.0, 1_001)
    best = np.min(((1.0 - gains) ** 2 + (1.0 - 4.0 * gains) ** 2) / 2.0)
    assert found.metrics["baselines"]["best_gain"]["fitted"]["esr"] == pytest.approx(best, abs=1e-4)


def test_a_gain_for_each_pair(stood_in):
    levels = (0.5, 2.0, 0.1)
    sources = [(strings(seed=n), g * strings(seed=n)) for n, g in enumerate(levels)]
    metrics = stood_in(sources, gain_per_pair=True).metrics
    expected = [20.0 * math.log10(level / levels[0]) for level in levels]
    assert [pair["gain_db"] for pair in metrics["pairs"]] == pytest.approx(expected, abs=1e-3)
    assert metrics["fitted"]["esr"] < 1e-10
    assert metrics["baselines"]["best_gain"]["fitted"]["esr"] < 1e-10
    assert metrics["baselines"]["best_linear_filter"]["fitted"]["esr"] < 1e-8
    assert any("the level is that of pair pair-1" in said for said in metrics["warnings"])
    assert metrics["settings"]["gain_per_pair"]


def test_a_gain_for_one_pair(stood_in):
    sources = [
        PairSource(strings(), 0.5 * strings()),
        PairSource(strings(seed=1), strings(seed=1), gain_free=True),
    ]
    metrics = stood_in(sources).metrics
    assert [p["gain_db"] for p in metrics["pairs"]] == pytest.approx([0.0, 6.0206], abs=1e-3)
    assert any("pairs without a gain of their own" in said for said in metrics["warnings"])


def test_the_majority_has_the_polarity(stood_in):
    sources = [
        PairSource(strings(seed=n), sign * strings(seed=n), id=f"{n}")
        for n, sign in enumerate((-1, 1, 1))
    ]
    metrics = stood_in(sources).metrics
    assert metrics["polarity"] == 1
    assert [pair["polarity"] for pair in metrics["pairs"]] == [-1, 1, 1]
    assert metrics["pairs"][0]["fitted"]["esr"] == pytest.approx(4.0)
    said = [sentence for sentence in metrics["warnings"] if "that of most is +" in sentence]
    assert len(said) == 1 and said[0].startswith("pair 0: its polarity seems to be -")


def test_a_given_polarity_turns_the_wet_round(stood_in):
    sources = [
        PairSource(strings(seed=n), sign * strings(seed=n), polarity=sign)
        for n, sign in enumerate((1, -1, 1))
    ]
    metrics = stood_in(sources).metrics
    assert metrics["polarity"] == 1 and metrics["fitted"]["esr"] < 1e-10
    assert any("turned round" in sentence for sentence in metrics["warnings"])


def test_rates_and_channels_become_equal(stood_in):
    stereo = np.repeat(strings(), 2, axis=0)
    sources = [PairSource(stereo, 0.5 * stereo), PairSource(strings(seed=1), 0.5 * strings(seed=1))]
    found = stood_in(sources)
    assert {audio.shape[0] for audio in found.matched_files.values()} == {1}
    assert any("another wet recording is mono" in said for said in found.metrics["warnings"])


def test_other_rates_are_resampled(stood_in, tmp_path):
    for rate in (RATE, 24_000):
        soundfile.write(tmp_path / f"{rate}.wav", strings(rate=rate).T, rate, subtype="FLOAT")
    sources = [(tmp_path / f"{rate}.wav", tmp_path / f"{rate}.wav") for rate in (RATE, 24_000)]
    found = stood_in(sources, None)
    assert found.sample_rate == RATE
    assert {audio.shape for audio in found.matched_files.values()} == {(1, 2 * RATE)}
    warnings = found.metrics["warnings"]
    assert any("the sample rate of the first dry" in said for said in warnings)
    assert not any(str(tmp_path) in said for said in warnings)


def test_a_channel_of_the_dry(stood_in):
    dry = np.concatenate([white_noise(2.0, RATE), strings()])
    found = stood_in([PairSource(dry, 0.5 * strings(), id="x", dry_channel=1)])
    assert found.metrics["fitted"]["esr"] < 1e-10
    with pytest.raises(MatchError, match="pair x: the dry array: there is no channel 2"):
        stood_in([PairSource(dry, strings(), id="x", dry_channel=2)])


def test_said_for_all_but_those_that_say_it(stood_in):
    sources = [
        PairSource(strings(), strings(), latency_samples=3),
        PairSource(strings(), strings()),
    ]
    metrics = stood_in(sources, latency_samples=5).metrics
    assert [pair["latency_samples"] for pair in metrics["pairs"]] == [3, 5]


@pytest.mark.parametrize(
    ("take", "error", "reason"),
    [
        (PairSource(strings(), 0.0 * strings()), MatchError, "the wet array: silent"),
        (PairSource(np.full(RATE, np.nan), strings()), AudioError, "not finite"),
        (PairSource(strings(), strings(), latency_samples=10**9), MatchError, "latency"),
        (PairSource("nothing.wav", strings()), AudioError, "nothing.wav"),
    ],
)
def test_a_pair_that_cannot_be_used_is_named(stood_in, take, error, reason):
    with pytest.raises(error, match=f"pair pair-2: .*{reason}"):
        stood_in([(strings(), strings()), take])


# From here on with the real fit.


def test_two_clips_teach_more_than_one(searched):
    quiet, loud = 0.05 * strings(seed=1), strings(seed=2)
    sources = [(quiet, late(device(quiet), 30)), (loud, late(device(loud), 5))]
    unseen = 1.5 * strings(seed=3)
    errors = []
    for known in (sources[:1], sources):
        found = match_pairs(known, RATE, chain=searched, iterations=25, threads=1)
        errors.append(esr(device(unseen), found.preset.board(RATE)(unseen, RATE)))
    assert [pair["latency_samples"] for pair in found.metrics["pairs"]] == [30, 5]
    assert errors[1] < 1e-4
    assert errors[1] < errors[0] + 1e-6


def test_levels_come_back_beside_the_chain(searched):
    levels = (1.0, 0.2, 3.0)
    sources = [
        (strings(seed=n), level * late(device(strings(seed=n)), n))
        for n, level in enumerate(levels)
    ]
    found = match_pairs(sources, RATE, chain=searched, iterations=30, threads=1, gain_per_pair=True)
    assert found.metrics["fitted"]["esr"] < 1e-4
    gains = [pair["gain_db"] for pair in found.metrics["pairs"]]
    assert gains == pytest.approx([20.0 * math.log10(level) for level in levels], abs=0.05)


def test_equal_inputs_give_equal_bytes(tmp_path, searched):
    sources = [(strings(1.0, n), device(strings(1.0, n))) for n in range(2)]
    for name in ("one", "two"):
        found = match_pairs(sources, RATE, chain=searched, iterations=4, threads=1)
        found.write(tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    matched = ["matched-pair-1.wav", "matched-pair-2.wav"]
    assert files == sorted(["board.py", "metrics.json", "preset.json", "report.html", *matched])
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_stop_keeps_the_best_so_far(searched):
    def stop(phase, loss, share):
        if share >= 0.5 and phase != "scoring":
            raise KeyboardInterrupt

    sources = [(strings(1.0, n), device(strings(1.0, n))) for n in range(2)]
    found = match_pairs(sources, RATE, chain=searched, iterations=8, threads=1, progress=stop)
    assert found.interrupted and len(found.matched_files) == 2
    assert any("stopped early" in sentence for sentence in found.metrics["warnings"])
