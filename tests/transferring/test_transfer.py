"""From recordings to a style: found where it is known, nothing where there is no difference."""

import json

import numpy as np
import pytest

import fxchain
from fxchain.data.signals import plucked_strings, white_noise
from fxchain.errors import AudioError, MatchError
from fxchain.metrics.loudness import loudness_difference
from fxchain.metrics.scores import mr_stft, null_depth_db
from fxchain.objectives.long_term_spectrum import smoothed_spectrum
from fxchain.preset import Preset, parse_chain
from fxchain.render import render

RATE = 16_000
HIDDEN = {
    "chain": [
        {
            "primitive": "high_shelf_filter",
            "parameters": {"cutoff_frequency_hz": 1_500.0, "gain_db": 8.0, "q": 0.7},
        },
        {
            "primitive": "compressor",
            "parameters": {
                "threshold_db": -30.0,
                "ratio": 5.0,
                "attack_ms": 4.0,
                "release_ms": 80.0,
            },
        },
        {"primitive": "gain", "parameters": {"gain_db": 6.0}},
    ]
}


def riff(seed, seconds=6.0, channels=1):
    return np.concatenate([plucked_strings(seconds, RATE, seed=seed + c) for c in range(channels)])


def processed(audio, chain=HIDDEN):
    stage, values, _ = parse_chain(chain, "the test's chain")
    return render(Preset(stage, values, RATE), audio, RATE)


@pytest.fixture(scope="module")
def found():
    return fxchain.transfer(riff(1), processed(riff(2)), sample_rate=RATE, iterations=60)


def test_another_riff_through_a_hidden_chain_tells_what_this_one_would_be(found):
    raw, truth = riff(1), processed(riff(1))
    level = raw * 10 ** (loudness_difference(raw, processed(riff(2)), RATE) / 20)
    ours, level_only = (mr_stft(truth, each, RATE) for each in (found.matched, level))
    assert ours < 0.75 * level_only


def test_the_report_has_the_fields_of_a_match(found, tmp_path):
    matched = fxchain.match(riff(1), 0.5 * riff(1), RATE, iterations=4, chain="eq")
    of_matches_alone = {"aliasing", "findings", "flutter", "front"}
    assert matched.metrics.keys() - of_matches_alone <= found.metrics.keys()
    distances = found.metrics["distances"]
    assert distances["matched"]["spectrum"] < distances["unprocessed"]["spectrum"]
    assert found.metrics["peak_dbfs"]["matched"] == pytest.approx(
        20 * np.log10(np.abs(found.matched).max())
    )
    assert found.metrics["null_depth_db"] < -50.0
    found.write(tmp_path / "out")
    files = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert files == ["board.py", "matched.wav", "metrics.json", "preset.json", "report.html"]
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["seed"] == 0


def test_its_own_reference_changes_nothing():
    audio = riff(3, channels=2)
    same = fxchain.transfer(audio, audio, sample_rate=RATE, iterations=20)
    assert null_depth_db(audio, same.matched) < -40.0


def test_equal_inputs_give_equal_bytes(found):
    again = fxchain.transfer(riff(1), processed(riff(2)), sample_rate=RATE, iterations=60)
    assert again.preset.to_json() == found.preset.to_json()
    assert np.array_equal(again.matched, found.matched)


def test_a_finished_preset_is_applied_anew_without_a_search(found):
    half = fxchain.transfer(riff(1), sample_rate=RATE, preset=found.preset, amount=50.0)
    whole = fxchain.transfer(riff(1), sample_rate=RATE, preset=half.preset)
    none = fxchain.transfer(riff(1), sample_rate=RATE, preset=half.preset, amount=0.0)
    np.testing.assert_array_equal(whole.matched, found.matched)
    np.testing.assert_array_equal(none.matched, riff(1))
    changes = [np.linalg.norm(each.matched - riff(1)) for each in (none, half, whole)]
    assert changes[0] < changes[1] < changes[2]
    assert not half.history


def test_without_the_level_it_stays_as_loud_as_it_was(found):
    tone = fxchain.transfer(riff(1), sample_rate=RATE, preset=found.preset, match=["tone"])
    assert abs(loudness_difference(riff(1), tone.matched, RATE)) < 0.1
    assert {slot.kind for slot in tone.preset.stage.slots()} <= {
        "low_shelf_filter", "peak_filter", "high_shelf_filter", "gain",
    }  # fmt: skip


def test_so_it_does_in_a_search_between_unlike_recordings():
    hits = white_noise(6.0, RATE) * np.exp(-(np.arange(6 * RATE) % (RATE // 2)) / (0.02 * RATE))
    found = fxchain.transfer(
        riff(1), 0.1 * hits, sample_rate=RATE, iterations=20, match=["tone", "dynamics"]
    )
    assert found.metrics["unlikeness"] > 0.8 and found.history
    assert abs(loudness_difference(riff(1), found.matched, RATE)) < 0.5


@pytest.mark.parametrize(
    ("dimension", "kinds"),
    [
        ("tone", {"low_shelf_filter", "peak_filter", "high_shelf_filter"}),
        ("dynamics", {"compressor"}),
    ],
)
def test_only_what_is_chosen_is_searched(dimension, kinds):
    only = fxchain.transfer(
        riff(1), processed(riff(2)), sample_rate=RATE, iterations=12, match=[dimension]
    )
    used = {slot.kind for slot in only.preset.stage.slots()}
    assert used & kinds and used <= kinds | {"gain"}
    assert abs(loudness_difference(riff(1), only.matched, RATE)) < 0.1


def test_width_is_taken_over():
    left = riff(1)
    wide = np.concatenate([left, 0.3 * left + riff(5)])
    narrow = np.concatenate([left + 0.1 * riff(5), left - 0.1 * riff(5)])
    only = fxchain.transfer(narrow, wide, sample_rate=RATE, iterations=30, match=["width"])

    def side(audio):
        return np.sum((audio[0] - audio[1]) ** 2) / np.sum((audio[0] + audio[1]) ** 2)

    assert side(only.matched) > 2.0 * side(narrow)


def test_channels_rate_and_length_stay_as_they_came():
    stereo = riff(1, seconds=3.0, channels=2)
    mono_reference = processed(riff(4, seconds=5.0))
    found = fxchain.transfer(stereo, mono_reference, sample_rate=RATE, iterations=4)
    assert found.matched.shape == stereo.shape and found.sample_rate == RATE
    assert any("says nothing about width" in each for each in found.metrics["warnings"])


def test_what_goes_over_full_scale_is_said_and_kept():
    loud = 0.9 * np.sign(riff(2)) * np.sqrt(np.abs(riff(2)))
    found = fxchain.transfer(riff(1), 20.0 * loud, sample_rate=RATE, iterations=6, match=["level"])
    assert np.abs(found.matched).max() > 1.0
    assert any("full scale" in each or "dBFS" in each for each in found.metrics["warnings"])


@pytest.mark.parametrize("gain", [0.01, 40.0])
def test_a_level_that_is_very_different_is_taken_over(gain):
    reference = gain * riff(2)
    found = fxchain.transfer(riff(1), reference, sample_rate=RATE, iterations=4, match=["level"])
    assert abs(loudness_difference(riff(1), reference, RATE)) > 30.0
    assert abs(loudness_difference(found.matched, reference, RATE)) < 8.0


def test_several_references_meet_in_the_middle():
    def tilt(*references):
        found = fxchain.transfer(
            riff(1), *references, sample_rate=RATE, iterations=30, match=["tone"]
        )
        frequencies, power = smoothed_spectrum(found.matched, RATE)
        high = power[(frequencies > 2_000) & (frequencies < 6_000)].mean()
        return 10 * np.log10(high / power[(frequencies > 100) & (frequencies < 600)].mean())

    bright, plain = processed(riff(2), {"chain": HIDDEN["chain"][:1]}), riff(2)
    assert tilt(plain) + 0.2 < tilt(bright, plain) < tilt(bright) - 0.2


@pytest.mark.parametrize(
    ("arguments", "error", "reason"),
    [
        (([riff(2)], {"amount": 120.0}), MatchError, "--amount 120"),
        (([riff(2)], {"match": ["tune"]}), MatchError, "tune"),
        (([riff(2)], {"seconds": 0.0}), MatchError, "--seconds"),
        (([riff(2)], {"chain": "nothing"}), MatchError, "nothing"),
        (([], {}), MatchError, "no reference"),
        (([riff(2)], {"preset": "a.json"}), MatchError, "--from"),
        (([np.zeros((1, RATE))], {}), MatchError, "silent"),
        (([np.zeros((3, RATE))], {}), AudioError, "3 channels"),
        ((["nothing.wav"], {}), AudioError, "nothing.wav"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments, error, reason):
    references, options = arguments
    with pytest.raises(error, match=reason):
        fxchain.transfer(riff(1), *references, sample_rate=RATE, **options)


def test_only_the_filter_that_was_free_counts_as_searched(tmp_path):
    """Two filters of a kind: one left open, one given."""
    given = {"cutoff_frequency_hz": 300.0, "gain_db": 4.0, "q": 1.0}
    path = tmp_path / "chain.json"
    nodes = [
        {"primitive": "peak_filter", "parameters": given},
        {"primitive": "peak_filter", "parameters": {"cutoff_frequency_hz": 2_000.0}},
    ]
    path.write_text(json.dumps({"chain": nodes}))
    found = fxchain.transfer(
        riff(1), processed(riff(2)), sample_rate=RATE, iterations=6, chain=path
    )
    fixed = {(k["path"], k["name"].partition(".")[2]): k["fixed"] for k in found.metrics["knobs"]}
    assert [fixed["chain[0]", name] for name in given] == [True] * 3
    assert [fixed["chain[1]", name] for name in given] == [True, False, False]


def test_an_option_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="'ammount'; its options are "):
        fxchain.transfer(riff(1), riff(2), sample_rate=RATE, ammount=50.0)
