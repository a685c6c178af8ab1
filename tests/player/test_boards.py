"""Boards: fxchain's own and the exported script play the same samples, in blocks of any size."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import numpy as np
import pedalboard
import pytest
import soundfile

from fxchain.data.signals import white_noise
from fxchain.errors import ExportError
from fxchain.player import Asset, Series, play, render_file, weight
from fxchain.preset import Preset, parse_chain
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Mix

RATE = 44_100
RESPONSE = Asset(white_noise(0.01, RATE, seed=5, channels=2), RATE)
SHAPED = {
    "chain": [
        {"primitive": "peak_filter", "parameters": {"gain_db": 6.0}},
        {
            "mix": [
                {"weight": 0.5, "chain": []},
                {
                    "weight": -0.4,
                    "chain": [
                        {"primitive": "delay", "parameters": {"delay_seconds": 0.013}},
                        {"primitive": "waveshaper", "parameters": {"bias": 0.4, "drive_db": 9.0}},
                        {"primitive": "compressor"},
                    ],
                },
            ]
        },
        {"primitive": "reverb"},
    ]
}


def preset_of(node):
    stage, values, _ = parse_chain(node, "a.json")
    return Preset(stage, values, RATE)


def effect(kind):
    primitive = REGISTRY[kind]
    if primitive.draw_assets is not None:
        return Effect(primitive, primitive.draw_assets(np.random.default_rng(5)))
    return Effect(primitive, dict.fromkeys(primitive.assets, RESPONSE))


def random_preset(stage, seed):
    random = np.random.default_rng(seed)
    values = [random.uniform(slot.spec.low, slot.spec.high) for slot in stage.slots()]
    return Preset(stage, np.array(values), RATE)


def everything_plain():
    plain = [effect(kind) for kind, primitive in REGISTRY.items() if primitive.in_pedalboard]
    return random_preset(Chain((*plain, Mix((Chain(), Mix((effect("invert"),)))))), seed=3)


PRESETS = {"plain": everything_plain(), "shaped": preset_of(SHAPED)}


@pytest.fixture(params=PRESETS)
def preset(request):
    return PRESETS[request.param]


def blocks_of(audio, size):
    return (audio[:, start : start + size] for start in range(0, audio.shape[1], size))


def written(preset, folder):
    """Write the script and return it as a module, and its place."""
    place = folder / "board.py"
    place.write_text(preset.to_python(), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("board", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, place


BLOCK_SIZES = pytest.mark.parametrize("size", [64, 100, 1_024, 8_191, 50_000])


@BLOCK_SIZES
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("kind", REGISTRY)
def test_blocks_of_any_size_are_one_signal(kind, channels, size):
    preset = random_preset(effect(kind), seed=2)
    dry = white_noise(0.3, RATE, channels=channels)
    whole = preset.board(RATE)(dry, RATE, reset=True)
    played = np.concatenate(list(play(preset.board(RATE), blocks_of(dry, size), RATE)), axis=1)
    # The FFTs of these follow the block, so their sums are rounded differently.
    convolved = kind in {
        "convolution",
        "modulated_allpass",
        "modulated_delay",
        "periodic_filter",
    }
    tolerance = 1e-6 * np.abs(whole).max() if convolved else 0.0
    np.testing.assert_allclose(played, whole, rtol=0.0, atol=tolerance)


@BLOCK_SIZES
@pytest.mark.parametrize("channels", [1, 2])
def test_blocks_of_any_size_are_one_signal_around_numpy_stages(channels, size):
    preset = PRESETS["shaped"]
    dry = white_noise(0.3, RATE, channels=channels)
    whole = preset.board(RATE)(dry, RATE, reset=True)
    played = np.concatenate(list(play(preset.board(RATE), blocks_of(dry, size), RATE)), axis=1)
    np.testing.assert_array_equal(played, whole)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("samples", [1, 2, 3, 63])
def test_the_shortest_signals_can_be_played(preset, channels, samples):
    dry = white_noise(0.1, RATE, channels=channels)
    whole = next(play(preset.board(RATE), [dry], RATE))
    (played,) = play(preset.board(RATE), [dry[:, :samples]], RATE)
    assert played.shape == (channels, samples)
    np.testing.assert_allclose(played, whole[:, :samples], atol=1e-6)


def test_every_file_starts_anew(preset):
    dry = white_noise(0.2, RATE)
    board = preset.board(RATE)
    first = np.concatenate(list(play(board, blocks_of(dry, 4_096), RATE)), axis=1)
    second = np.concatenate(list(play(board, blocks_of(dry, 4_096), RATE)), axis=1)
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_uneven_blocks_are_refused():
    board = pedalboard.Pedalboard([])
    for sizes in [(100, 200), (100, 90, 100)]:
        blocks = [np.zeros((1, size), np.float32) for size in sizes]
        with pytest.raises(ValueError, match="only the last block"):
            list(play(board, blocks, RATE))


def test_a_series_is_called_as_a_pedalboard():
    board = PRESETS["shaped"].board(RATE)
    dry = white_noise(0.05, RATE)
    played = board(dry, RATE)
    np.testing.assert_allclose(board(dry, RATE), played, atol=1e-6)  # it resets unless told
    np.testing.assert_allclose(board(dry[0], RATE), played[0], atol=1e-6)  # (samples,)
    assert np.abs(board(dry, RATE, reset=False) - played).max() > 1e-3
    board.reset()
    np.testing.assert_allclose(board(dry, RATE, 512, False), played, atol=1e-6)


def test_a_chain_of_plugins_is_a_pedalboard():
    preset = PRESETS["plain"]
    assert type(preset.board(RATE)) is pedalboard.Pedalboard
    assert type(preset.to_pedalboard(RATE)) is pedalboard.Pedalboard


def test_a_stage_without_a_plugin_is_named():
    message = r"chain\[1\].mix\[1\].chain\[1\] \(waveshaper\) has no pedalboard plugin"
    with pytest.raises(ExportError, match=message):
        PRESETS["shaped"].to_pedalboard(RATE)


def test_a_mix_of_plugins_stays_in_pedalboard_beside_a_numpy_stage():
    preset = preset_of({"chain": [{"primitive": "waveshaper"}, {"mix": [{"primitive": "gain"}]}]})
    board = preset.board(RATE)
    assert isinstance(board, Series)
    assert [type(part).__name__ for part in board.segments] == ["NumpyStage", "Pedalboard"]


@pytest.mark.parametrize("value", [1.0, -1.0, 0.25, -3.0, 0.0, 1e-30])
def test_a_weight_multiplies(value):
    dry = white_noise(0.02, RATE)
    wet = pedalboard.Pedalboard(weight(value))(dry, RATE)
    np.testing.assert_allclose(wet, np.float32(value) * dry, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("rate", [16_000, 44_100, 96_000])
def test_the_script_builds_the_same_board(preset, rate, tmp_path):
    module, _ = written(preset, tmp_path)
    dry = white_noise(0.2, rate, channels=2)
    mine, theirs = preset.board(rate), module.build(rate)
    assert type(mine).__name__ == type(theirs).__name__
    np.testing.assert_array_equal(theirs(dry, rate, reset=True), mine(dry, rate, reset=True))


@pytest.mark.parametrize("kind", REGISTRY)
def test_the_script_plays_every_effect(kind, tmp_path):
    preset = random_preset(effect(kind), seed=1)
    module, _ = written(preset, tmp_path)
    dry = white_noise(0.1, 16_000, channels=2)
    mine, theirs = preset.board(16_000)(dry, 16_000), module.build(16_000)(dry, 16_000)
    np.testing.assert_array_equal(theirs, mine)


def run_script(place, *arguments):
    command = [sys.executable, "-I", str(place), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=place.parent, check=False)


def test_the_script_runs_on_its_own(preset, tmp_path):
    _, place = written(preset, tmp_path)
    assert "fxchain" not in place.read_text(encoding="utf-8").split('"""', 2)[2]
    dry = white_noise(2.0, RATE, channels=2)  # more than one block
    soundfile.write(tmp_path / "in.wav", dry.T, RATE, subtype="FLOAT")
    finished = run_script(place, tmp_path / "in.wav", tmp_path / "out.wav")
    assert (finished.returncode, finished.stderr) == (0, "")
    info = soundfile.info(tmp_path / "out.wav")
    assert (info.format, info.subtype, info.samplerate) == ("WAV", "FLOAT", RATE)
    wet, _ = soundfile.read(tmp_path / "out.wav", dtype="float32", always_2d=True)
    expected = np.concatenate(list(play(preset.board(RATE), blocks_of(dry, 65_536), RATE)), axis=1)
    np.testing.assert_array_equal(wet.T, expected)
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["board.py", "in.wav", "out.wav"]


def test_the_script_refuses_with_one_line(tmp_path):
    _, place = written(PRESETS["plain"], tmp_path)
    (tmp_path / "text.wav").write_text("no audio")
    for arguments in [("nothing.wav", "out.wav"), ("text.wav", "out.wav")]:
        finished = run_script(place, *arguments)
        assert finished.returncode == 2
        assert finished.stderr.startswith("error: ")
        assert len(finished.stderr.splitlines()) == 1
    assert run_script(place).returncode == 2
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["board.py", "text.wav"]


def test_the_script_does_not_overwrite_its_input(tmp_path):
    soundfile.write(tmp_path / "in.wav", np.zeros(100), RATE)
    before = (tmp_path / "in.wav").read_bytes()
    with pytest.raises(ValueError, match="is the input"):
        render_file(PRESETS["plain"].board, tmp_path / "in.wav", tmp_path / "in.wav")
    assert (tmp_path / "in.wav").read_bytes() == before


def test_the_script_refuses_samples_that_are_not_finite(tmp_path):
    samples = np.zeros(100, np.float32)
    samples[5] = np.nan
    soundfile.write(tmp_path / "in.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(ValueError, match="not finite"):
        render_file(PRESETS["plain"].board, tmp_path / "in.wav", tmp_path / "out.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["in.wav"]


def test_equal_presets_are_equal_scripts(preset):
    assert preset.to_python() == Preset.from_json(preset.to_json()).to_python()


def test_the_player_stands_alone():
    folder = Path(sys.modules["fxchain.player"].__file__).parent
    for path in folder.glob("*.py"):
        if path.name != "__init__.py":
            lines = path.read_text(encoding="utf-8").splitlines()
            named = [line for line in lines if "fxchain" in line]
            assert all(line.startswith("from fxchain.player.") for line in named), path.name


def test_a_script_imports_nothing_of_fxchain(preset):
    imports = [line for line in preset.to_python().splitlines() if "import " in line]
    assert not any("fxchain" in line for line in imports)
