"""The player in use: knobs that turn, errors, and what it must not do while it plays."""

import numpy as np
import pytest

from fxchain.data.signals import white_noise
from fxchain.native import preset_data
from fxchain.player import Asset
from fxchain.preset import Preset
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect
from tests.native.compiled import HERE

RATE = 44_100
LIVE = [kind for kind, primitive in REGISTRY.items() if primitive.realtime is not None]


def effect_of(kind):
    primitive = REGISTRY[kind]
    if primitive.draw_assets is not None:
        return Effect(primitive, primitive.draw_assets(np.random.default_rng(5)))
    response = Asset(white_noise(0.3, RATE, seed=5, channels=2), RATE)
    return Effect(primitive, dict.fromkeys(primitive.assets, response))


def preset_of(*kinds, **changed):
    stage = Chain(tuple(effect_of(kind) for kind in kinds))
    values = [changed.get(slot.spec.name, slot.spec.default) for slot in stage.slots()]
    return Preset(stage, np.array(values), RATE)


def test_nothing_is_allocated_while_it_plays(programs):
    """All effects in one chain, all knobs turned; the program can count."""
    source, preset = HERE / "allocations.cpp", preset_of(*LIVE)
    assert int(programs.run(source, preset)) == 0
    assert int(programs.run(source, preset, "x")) > 0


def test_it_begins_anew_as_it_began(programs):
    """All effects but in silence once more: the same samples, at knobs that were turned before."""
    preset = preset_of(*LIVE)
    audio = white_noise(0.2, RATE, channels=2)
    frames = np.ascontiguousarray(audio.T, "<f4").tobytes()
    played = programs.run(HERE / "again.cpp", preset, RATE, given=frames)
    first, again = np.frombuffer(played, "<f4").reshape(2, -1)
    assert first.any()
    np.testing.assert_array_equal(first, again)


def turned(programs, preset, audio, knob, value, sample):
    frames = np.asarray(audio, "<f4").tobytes()
    place = [slot.spec.name for slot in preset.stage.slots()].index(knob)
    played = programs.run(HERE / "turn.cpp", preset, RATE, place, value, sample, given=frames)
    return np.frombuffer(played, "<f4")


def test_a_knob_jumps_before_the_first_sample_and_glides_later(programs):
    audio, preset = np.full(8_000, 0.25), preset_of("gain")
    loud = np.float32(0.25) * np.float32(10 ** np.float32(0.3))
    np.testing.assert_allclose(turned(programs, preset, audio, "gain_db", 6.0, 0), loud, rtol=1e-6)
    made = turned(programs, preset, audio, "gain_db", 6.0, 4_000)
    np.testing.assert_array_equal(made[:4_000], np.float32(0.25))
    assert (np.diff(made[4_000:]) >= 0.0).all() and np.diff(made).max() < 0.05
    assert made[4_000 + 200] < loud - 0.001
    np.testing.assert_allclose(made[-1_000:], loud, rtol=1e-6)


def test_a_knob_stops_at_the_end_of_its_range(programs):
    made = turned(programs, preset_of("gain"), np.full(100, 0.01), "gain_db", 900.0, 0)
    np.testing.assert_allclose(made, 1.0, rtol=1e-5)


def test_a_turned_delay_time_makes_no_click(programs):
    """A sine stays a sine: no step is larger than those of its own steepest part, by much."""
    tone = 0.5 * np.sin(2.0 * np.pi * 100.0 * np.arange(30_000) / RATE)
    preset = preset_of("delay", delay_seconds=0.02, feedback=0.0, mix=1.0)
    made = turned(programs, preset, tone, "delay_seconds", 0.0253, 15_000)
    steepest = np.abs(np.diff(tone)).max()
    assert np.abs(np.diff(made[5_000:])).max() < 1.5 * steepest
    later = np.abs(made[-1_000:] - tone[-1_000 - round(0.0253 * RATE) : -round(0.0253 * RATE)])
    assert later.max() < 0.01


@pytest.mark.parametrize(
    ("kind", "knob"),
    [
        ("gain", "gain_db"),
        ("high_shelf_filter", "gain_db"),
        ("chorus", "centre_delay_ms"),
        ("delay", "delay_seconds"),
        ("bitcrush", "bit_depth"),
        ("ladder_filter", "mode"),
    ],
)
def test_a_knob_turned_over_its_range_is_not_heard_far_from_a_tone(programs, kind, knob):
    """Below −60 dB above 5 kHz while 100 Hz play; a value that jumps would be heard there."""
    tone = 0.25 * np.sin(2.0 * np.pi * 100.0 * np.arange(40_000) / RATE)
    spec = next(each for each in REGISTRY[kind].parameters if each.name == knob)
    made = turned(programs, preset_of(kind, **{knob: spec.low}), tone, knob, spec.high, 20_000)
    part = made[10_000:30_000].astype(np.float64) * np.hanning(20_000)
    energies = np.abs(np.fft.rfft(part)) ** 2
    far = np.fft.rfftfreq(len(part), 1.0 / RATE) > 5_000.0
    assert 10.0 * np.log10(energies[far].sum() / energies.sum()) < -60.0


@pytest.mark.parametrize("kind", LIVE)
def test_silence_comes_to_rest(programs, kind):
    """What comes out is zero or no subnormal number, with which a processor would be slow."""
    audio = np.zeros((1, 400_000), np.float32)
    audio[:, :2_000] = white_noise(0.1, RATE)[:, :2_000]
    preset = preset_of(kind, **{"feedback": 0.3, "room_size": 0.1, "release_ms": 20.0})
    made = programs.play(preset, audio, RATE)[0, -1_000:]
    small = np.abs(made[made != 0.0])
    assert not len(small) or small.min() > np.finfo(np.float32).tiny


def test_data_that_is_no_preset_is_refused(programs):
    preset = preset_of("gain")
    data = preset_data(preset.stage, preset.values, None, RATE)
    render = programs.folder / "render.cpp"
    for wrong, said in [
        (b"", "is cut off"),
        (data[:-3], "is cut off"),
        (data.replace(b"player-4", b"player-9"), "no preset for the player"),
        (data.replace(b"gain", b"pain"), "does not know the effect pain"),
    ]:
        with pytest.raises(RuntimeError, match=said):
            programs.run_data(render, wrong, RATE, 1)
