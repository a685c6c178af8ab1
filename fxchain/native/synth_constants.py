"""Constants of voices and drums, in C++ as in Python."""

from fxchain.synth.drum.playing.hits import HIT_TIME_CONSTANTS, LONGEST_HIT_SECONDS
from fxchain.synth.voice.filtered_noise import FRAME_SECONDS, NOISE_SAMPLE_RATE
from fxchain.synth.voice.low_pass import HIGHEST_CUTOFF_HZ, KEY_CENTRE_HZ, LOWEST_CUTOFF_HZ
from fxchain.synth.voice.playing import (
    CONTROL_SECONDS,
    LONGEST_TAIL_SECONDS,
    TAIL_TIME_CONSTANTS,
)
from fxchain.synth.voice.spectrum import FADE_BEGIN, FADE_END

_CONSTANTS = {
    "kControlSeconds": CONTROL_SECONDS,
    "kFadeBegin": FADE_BEGIN,
    "kFadeEnd": FADE_END,
    "kLowestCutoff": LOWEST_CUTOFF_HZ,
    "kHighestCutoff": HIGHEST_CUTOFF_HZ,
    "kKeyCentreHertz": KEY_CENTRE_HZ,
    "kNoiseFrameSeconds": FRAME_SECONDS,
    "kNoiseRate": NOISE_SAMPLE_RATE,
    "kTailTimeConstants": TAIL_TIME_CONSTANTS,
    "kLongestTailSeconds": LONGEST_TAIL_SECONDS,
    "kHitTimeConstants": HIT_TIME_CONSTANTS,
    "kLongestHitSeconds": LONGEST_HIT_SECONDS,
}


def synth_constants() -> str:
    """Return the source of `synth_constants.h`."""
    lines = [f"constexpr double {name} = {value!r};" for name, value in _CONSTANTS.items()]
    head = "// Constants of voices and drums, as in numpy.\n#pragma once\n\nnamespace fxchain {\n\n"
    return head + "\n".join(lines) + "\n\n}  // namespace fxchain\n"
