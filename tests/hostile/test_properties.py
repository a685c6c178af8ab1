"""Properties of audio of any shape."""

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fxchain.errors import AudioError
from fxchain.files.audio_input import from_array
from fxchain.preset import Preset, parse_chain
from fxchain.preset.effects import effects_of
from fxchain.primitives import REGISTRY
from fxchain.render import render

SHAPES = arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=12)
TYPES = st.sampled_from([np.float16, np.float32, np.float64, np.int16, np.uint8, bool, complex])
RATES = st.one_of(st.integers(-9, 400_000), st.floats())


@given(arrays.arrays(TYPES, SHAPES), RATES)
@example(np.full((1, 4), 1e300), 44_100)
@example(np.full((2, 4), 1e-310), 16_000)
def test_an_array_becomes_audio_or_is_refused_in_one_line(array, rate):
    try:
        audio = from_array(array, rate, "it")
    except AudioError as error:
        assert str(error).startswith("it: ") and "\n" not in str(error)
        return
    assert audio.samples.dtype == np.float32 and audio.samples.shape[0] in (1, 2)
    assert np.isfinite(audio.samples).all() and audio.length > 0
    assert not np.shares_memory(audio.samples, array)


KINDS = sorted(kind for kind, primitive in REGISTRY.items() if not primitive.assets)


@st.composite
def presets(draw):
    """Draw a chain of up to three effects with knobs anywhere in their ranges."""
    nodes = []
    for kind in draw(st.lists(st.sampled_from(KINDS), max_size=3)):
        cube = {
            spec.name: draw(st.floats(spec.low, spec.high)) for spec in REGISTRY[kind].parameters
        }
        nodes.append({"primitive": kind, "parameters": cube})
    stage, values, _ = parse_chain({"chain": nodes}, "drawn")
    return Preset(stage, values, 44_100)


@given(
    presets(),
    arrays.arrays(
        np.float32,
        st.tuples(st.integers(1, 2), st.integers(1, 3_000)),
        elements=st.floats(-1.0, 1.0, width=32),
        fill=st.just(0.0),
    ),
    st.sampled_from([16_000, 22_050, 44_100, 96_000, 192_000]),
)
@settings(max_examples=60)
def test_any_preset_plays_any_audio(preset, audio, rate):
    assume(all(p.effect.primitive.plays_at(rate) for p in effects_of(preset.stage, preset.values)))
    played = render(preset, audio, rate)
    assert played.shape == audio.shape and played.dtype == np.float32
    assert np.isfinite(played).all()
    again = Preset.from_json(preset.to_json())
    np.testing.assert_array_equal(render(again, audio, rate), played)
