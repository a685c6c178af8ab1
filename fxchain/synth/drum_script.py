"""A drum as a Python script that plays it with numpy alone."""

import inspect

from fxchain.synth.drum.patch import DrumPatch
from fxchain.synth.drum.playing import hits
from fxchain.synth.drum.sources import DRUM_SOURCES
from fxchain.synth.script import MAIN, body, header, reading
from fxchain.synth.voice.filtered_noise import NOISE_SAMPLE_RATE
from fxchain.synth.voice.oscillator import detached

_PLAYING = '''
def play(notes, sample_rate):
    """Return a hit for each note, (channels, samples) float32."""
    return play_drum(np, DRUM, notes, sample_rate)[None].astype(np.float32)
'''


def write_drum_script(patch: DrumPatch) -> str:
    """Return the source of a script that plays a drum."""
    sounds = {each.source: DRUM_SOURCES[each.source].sound for each in patch.sources}
    parts = [
        header("A drum."),
        f"NOISE_SAMPLE_RATE = {NOISE_SAMPLE_RATE}",
        inspect.getsource(detached),
        body(hits),
        *(inspect.getsource(sound) for sound in sounds.values()),
        _drum(patch),
        reading(drums=True),
        _PLAYING + MAIN,
    ]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _drum(patch: DrumPatch) -> str:
    """Return the source of the drum."""
    lines = ["DRUM = Drum(", "    ("]
    for part, node in zip(patch.drum.parts, patch.sources, strict=True):
        name = DRUM_SOURCES[node.source].sound.__name__
        lines.append(f"        Part({name}, {part.weight!r}, {dict(part.values)!r}, {part.noisy}),")
    return "\n".join([*lines, "    ),", f"    {patch.noise_seed},", ")"])
