"""Manifests with a column for each knob: what they say, and what is wrong with them."""

import numpy as np
import pytest
import soundfile

from fxchain.devices.captures import DeviceKnob, read_captures, without
from fxchain.errors import MatchError

GOOD = "dry,wet,tone\nd.wav,w1.wav,0\nd.wav,w2.wav,5\nd.wav,w3.wav,10\n"


@pytest.fixture
def manifest(tmp_path):
    """Return a function that writes a manifest beside recordings."""
    for number, name in enumerate(("d", "w1", "w2", "w3")):
        samples = np.full(100, 0.1 * number, np.float32)
        soundfile.write(tmp_path / f"{name}.wav", samples, 16_000, subtype="FLOAT")

    def write(text):
        (tmp_path / "pairs.csv").write_text(text)
        return tmp_path / "pairs.csv"

    return write


def test_positions_and_reference(manifest):
    found = read_captures(manifest(GOOD), ["tone"])
    assert found.positions.tolist() == [[0.0], [5.0], [10.0]]
    assert found.reference.tolist() == [5.0]
    assert [source.id for source in found.sources] == ["w1", "w2", "w3"]
    assert found.described(2) == "tone=10"
    assert without(found, np.array([False, True, False])).positions.tolist() == [[0.0], [10.0]]


def test_ranges_may_be_given():
    assert DeviceKnob.parse("rate = 0.5:20") == DeviceKnob("rate", 0.5, 20.0)
    assert DeviceKnob.parse("drive") == DeviceKnob("drive", 0.0, 10.0)


@pytest.mark.parametrize("text", ["1st", "wet", "a b", "tone=3", "tone=5:5", "tone=0:inf", ""])
def test_a_knob_that_makes_no_sense_is_refused(text):
    with pytest.raises(MatchError, match="--knob"):
        DeviceKnob.parse(text)


@pytest.mark.parametrize(
    ("text", "knobs", "sentence"),
    [
        (GOOD, ["drive"], "the column 'drive' is missing"),
        (GOOD.replace(",10", ",11"), ["tone"], r"pair w3: tone = 11 is outside \[0, 10\]"),
        (GOOD.replace(",10", ",high"), ["tone"], "line 4: tone: 'high' is not the position"),
        (GOOD.replace(",10", ","), ["tone"], "line 4: tone: '' is not the position"),
        ("dry,wet,tone\nd.wav,w1.wav,5\n", ["tone"], "stands at 5 in every pair"),
        (GOOD.replace(",10", ",5"), ["tone"], "pairs w2 and w3: equal positions"),
        (GOOD, ["tone", "tone"], "--knob tone stands twice"),
        (GOOD, [], "there is no knob"),
    ],
)
def test_a_manifest_that_tells_nothing_is_one_line(manifest, text, knobs, sentence):
    path = manifest(text)
    with pytest.raises(MatchError, match=sentence) as found:
        read_captures(path, knobs)
    assert str(found.value).startswith(str(path)) and "\n" not in str(found.value)


def test_one_setting_may_be_recorded_several_times(manifest):
    text = GOOD + "w1.wav,w2.wav,5\n"
    with pytest.raises(MatchError, match="id"):
        read_captures(
            manifest(text.replace("tone\n", "tone,id\n", 1).replace(",5\n", ",5,a\n")), ["tone"]
        )
    assert len(read_captures(manifest(text), ["tone"]).sources) == 4
