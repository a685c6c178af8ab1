"""Effects that play recordings whole: aligned, and the same in a board as in a search."""

import numpy as np
import pytest
import torch

from fxchain.data.signals import plucked_strings
from fxchain.errors import ExportError, ParameterError
from fxchain.player import Playback, play
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY

RATE = 16_000
WHOLE = [kind for kind, primitive in REGISTRY.items() if primitive.whole]
DRY = plucked_strings(0.6, RATE, seed=4)


def preset_of(*kinds: str) -> Preset:
    nodes = [
        {"primitive": kind, "parameters": dict(REGISTRY[kind].probe)} | {"id": f"e{number}"}
        for number, kind in enumerate(kinds)
    ]
    stage, values, _ = parse_chain({"chain": nodes}, "a test")
    return Preset(stage, values, RATE)


@pytest.mark.parametrize("kind", WHOLE)
def test_a_board_plays_what_a_search_compares(kind: str) -> None:
    """pedalboard's own chain would let a codec hear what is not aligned yet."""
    preset = preset_of("resample", kind, "gain")
    with torch.no_grad():
        searched = preset.stage.process(
            torch.from_numpy(DRY)[None], Playback(RATE), torch.tensor(preset.values)[None]
        )[0].numpy()
    blocks = [DRY[:, at : at + 1_000] for at in range(0, DRY.shape[1], 1_000)]
    (played,) = play(preset.board(RATE), blocks, RATE)
    np.testing.assert_allclose(played, searched, atol=1e-6)


def test_a_branch_beside_the_clean_signal_is_not_late() -> None:
    late = {"primitive": "mp3_compressor", "parameters": {"vbr_quality": 0.0}}
    mix = [{"weight": 1.0, "chain": [late]}, {"weight": -1.0, "chain": []}]
    stage, values, _ = parse_chain({"mix": mix}, "a test")
    left = Preset(stage, values, RATE).board(RATE)(DRY, RATE)
    assert np.linalg.norm(left) < 0.2 * np.linalg.norm(DRY)


def test_it_is_no_pedalboard_and_takes_no_blocks() -> None:
    preset = preset_of("resample")
    with pytest.raises(ExportError, match="plays recordings whole"):
        preset.to_pedalboard(RATE)
    with pytest.raises(ValueError, match="Resample plays recordings whole"):
        preset.board(RATE)(DRY, RATE, reset=False)


def test_a_rate_that_the_codec_has_not_is_refused_in_words() -> None:
    with pytest.raises(ParameterError, match="not at 96000 Hz; convert the recording"):
        preset_of("mp3_compressor").board(96_000)
