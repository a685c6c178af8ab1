"""The listening test: equally loud clips under names that tell nothing."""

import csv

import numpy as np
import pytest
import soundfile
import yaml

from fxchain.benchmarking.listening_clips import write_listening_test
from fxchain.benchmarking.result_store import ResultStore
from fxchain.data.signals import white_noise
from fxchain.metrics.loudness import loudness_difference

RATE = 44_100
METHODS = {"fxchain": 0.5, "wavenet": 0.1, "best_gain": 1.0}


@pytest.fixture
def written(tmp_path):
    """The folder of a test of one pair, and the wet it is about."""
    kept, wet = ResultStore(tmp_path, ["a pair"]), white_noise(4.0, RATE)
    rows = []
    for seed, (method, level) in enumerate(METHODS.items(), start=1):
        folder = kept.folder("a pair", method)
        folder.mkdir(parents=True)
        played = level * (wet + 0.1 * white_noise(4.0, RATE, seed))
        soundfile.write(folder / "played.wav", played.T, RATE, subtype="FLOAT")
        rows.append(
            {
                "case": "a pair",
                "method": method,
                "held_out_samples": [RATE, 3 * RATE],
                "sample_rate": RATE,
            }
        )
    rows.append({"case": "b", "method": "fxchain", "error": "it crashed"})
    return write_listening_test(tmp_path, kept, {"a pair": wet}, rows), wet


def key_of(folder):
    with (folder / "key.csv").open(newline="") as file:
        return {line["method"]: line for line in csv.DictReader(file)}


def test_every_clip_is_in_the_configuration_and_the_key(written):
    folder, _ = written
    key = key_of(folder)
    assert set(key) == {"fxchain", "wavenet", "anchor"}  # the best gain is not listened to
    configuration = yaml.safe_load((folder / "fxchain.yaml").read_text())
    (random, page), finish = configuration["pages"]
    assert (random, page["type"], finish["type"]) == ("random", "mushra", "finish")
    assert page["createAnchor35"] is False and page["id"] == key["fxchain"]["page"]
    listed = {name: path.rpartition("/")[2] for name, path in page["stimuli"].items()}
    assert listed == {line["condition"]: line["file"] for line in key.values()}
    files = {*listed.values(), page["reference"].rpartition("/")[2]}
    assert files == {path.name for path in folder.glob("clips/*.wav")}
    assert not any(method in name for name in files for method in METHODS)


def test_clips_are_the_unheard_part_and_as_loud_as_the_reference(written):
    folder, wet = written
    clips = {
        path.name: soundfile.read(path, always_2d=True)[0].T for path in folder.glob("clips/*.wav")
    }
    (reference,) = (clip for name, clip in clips.items() if "reference" in name)
    middle = slice(RATE // 2, RATE)
    factor = (
        reference[0, middle]
        @ wet[0, RATE:][middle]
        / (wet[0, RATE:][middle] @ wet[0, RATE:][middle])
    )
    np.testing.assert_allclose(reference[0, middle], factor * wet[0, RATE:][middle], atol=1e-5)
    for clip in clips.values():
        assert clip.shape == (1, 2 * RATE) and np.abs(clip).max() < 1
        assert loudness_difference(reference, clip, RATE) == pytest.approx(0, abs=0.1)


def test_the_anchor_ends_at_3500_hz_and_is_in_time(written):
    folder, _ = written
    clip, _ = soundfile.read(folder / "clips" / key_of(folder)["anchor"]["file"])
    (path,) = folder.glob("clips/*reference.wav")
    reference, _ = soundfile.read(path)
    power, wanted = (np.abs(np.fft.rfft(audio)) ** 2 for audio in (clip, reference))
    hz = np.fft.rfftfreq(len(clip), 1 / RATE)
    assert power[hz > 4_000].sum() < 1e-3 * power.sum()
    low = hz < 3_000
    lag = np.argmax(np.fft.irfft(np.fft.rfft(clip) * np.fft.rfft(reference).conj()))
    assert lag == 0
    tenth, ninetieth = np.percentile(power[low] / wanted[low], [10, 90])
    assert ninetieth < 1.2 * tenth
