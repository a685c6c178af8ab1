"""Stages of which each plays a channel: as mono, in every player."""

import subprocess
import sys

import numpy as np
import pytest
import soundfile
import torch

from fxchain.data.signals import white_noise
from fxchain.errors import ExportError, PresetError
from fxchain.player import Playback, play
from fxchain.preset import Preset
from fxchain.preset.reading import StageReader
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import nodes_of

RATE = 16_000
LEFT = {"chain": [{"primitive": "reverb", "parameters": {"width": 1.0}}]}
RIGHT = {"chain": [{"primitive": "gain"}, {"primitive": "waveshaper"}]}


def preset_of(*nodes):
    found = StageReader("a.json", None, complete=False).read({"channels": list(nodes)})
    return Preset(found.stage, found.values, RATE)


def noise(channels):
    return white_noise(0.4, RATE, seed=3, channels=channels)


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_each_channel_goes_through_its_own_chain_as_mono(channels):
    audio = noise(channels)
    played = preset_of(LEFT, RIGHT).board(RATE)(audio, RATE)
    assert played.shape == audio.shape
    for at, node in enumerate((LEFT, RIGHT)[:channels]):
        heard = np.ascontiguousarray(audio[at::2])
        np.testing.assert_array_equal(played[at::2], preset_of(node).board(RATE)(heard, RATE))


def test_torch_plays_what_the_board_plays():
    preset, audio = preset_of(LEFT, RIGHT), noise(2)
    values = torch.from_numpy(preset.values.copy())[None]
    with torch.no_grad():
        made = preset.stage.process(torch.from_numpy(audio)[None], Playback(RATE), values)[0]
    np.testing.assert_allclose(made.numpy(), preset.board(RATE)(audio, RATE), atol=2e-5)


def test_it_is_written_read_and_exported(tmp_path):
    preset, audio = preset_of(LEFT, RIGHT), noise(2)
    text = preset.to_json()
    assert Preset.from_json(text).to_json() == text
    expected = preset.board(RATE)(audio, RATE)
    blocks = [audio[:, at : at + 1_000] for at in range(0, audio.shape[1], 1_000)]
    played = np.concatenate(list(play(preset.board(RATE), blocks, RATE)), axis=1)
    np.testing.assert_allclose(played, expected, atol=1e-6)
    soundfile.write(tmp_path / "in.wav", audio.T, RATE, subtype="FLOAT")
    (tmp_path / "board.py").write_text(preset.to_python())
    script = [str(tmp_path / name) for name in ("board.py", "in.wav", "out.wav")]
    subprocess.run([sys.executable, *script], check=True)
    made = soundfile.read(tmp_path / "out.wav", always_2d=True)[0].T
    np.testing.assert_allclose(made, expected, atol=1e-6)


def test_a_pedalboard_is_refused():
    with pytest.raises(ExportError, match="each channel goes through a chain of its own"):
        preset_of(LEFT, LEFT).to_pedalboard(RATE)


def test_a_search_of_one_chain_refuses_it():
    preset = preset_of(LEFT, RIGHT)
    candidate = Candidate(preset.stage, preset.values, np.ones(preset.stage.size, dtype=bool))
    with pytest.raises(PresetError, match="one for all is needed"):
        nodes_of(candidate)


@pytest.mark.parametrize("count", [0, 9])
def test_too_few_or_too_many_channels_are_refused(count):
    with pytest.raises(PresetError, match="channels needs 1 to 8 stages"):
        preset_of(*[RIGHT] * count)
