"""A patch as a Python script that plays notes with numpy alone."""

import ast
import inspect
from types import ModuleType

from fxchain.synth.patch import Patch
from fxchain.synth.sources import SOURCES

_HEADER = '''"""{title}

    python play.py NOTES.mid OUT.wav [SAMPLE_RATE]

plays the notes of a MIDI file into a WAV file of 32-bit floats, at 44100 Hz where no other sample
rate is given. Needs numpy, soundfile and mido{needs}. Written by fxchain from a patch.
"""

import math
import sys
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import mido
import numpy as np
import soundfile
'''
_READING = '''
Note = namedtuple("Note", "start_seconds duration_seconds pitch velocity")


def read_notes(path):
    """Return the notes of a MIDI file{which}."""
    sounding, notes, now = {{}}, [], 0.0
    for message in mido.MidiFile(path):
        now += message.time
        if message.type not in ("note_on", "note_off"){left_out}:
            continue
        begun = sounding.setdefault((message.channel, message.note), [])
        if message.type == "note_on" and message.velocity > 0:
            begun.append((now, message.velocity))
        elif begun:
            start, velocity = begun.pop(0)
            notes.append(Note(start, max(now - start, 1e-3), message.note, velocity / 127.0))
    for (_, pitch), begun in sounding.items():
        notes += [Note(at, max(now - at, 1e-3), pitch, speed / 127.0) for at, speed in begun]
    return sorted(notes, key=lambda note: (note.start_seconds, note.pitch))
'''
_PLAYING = '''
def play(notes, sample_rate):
    """Return what the patch makes of notes, (channels, samples) float32."""
    played = play_voice(np, VOICE, notes, sample_rate)[None].astype(np.float32)
    return {effects}
'''
MAIN = """

if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: python play.py NOTES.mid OUT.wav [SAMPLE_RATE]")
    rate = int(sys.argv[3]) if len(sys.argv) == 4 else 44_100
    heard = play(read_notes(sys.argv[1]), rate)
    soundfile.write(sys.argv[2], heard.T, rate, subtype="FLOAT")
"""


def header(title: str, needs: str = "") -> str:
    """Return the beginning of a script.

    Args:
        title: what it plays
        needs: what it needs besides numpy, soundfile and mido
    """
    return _HEADER.format(title=title, needs=needs)


def reading(drums: bool) -> str:
    """Return the source that reads MIDI files, with the drums of channel 10 or without them."""
    if drums:
        return _READING.format(which="", left_out="")
    return _READING.format(
        which=", without the drums of channel 10", left_out=" or message.channel == 9"
    )


def write_script(patch: Patch) -> str:
    """Return the source of a script that plays a patch.

    Effects are played by `board.py` beside it, the script that `Preset.to_python` writes.
    """
    from fxchain.synth.voice import (
        envelope,
        filtered_noise,
        low_pass,
        oscillator,
        phase,
        playing,
        spectrum,
        wavetable,
    )

    modules = (oscillator, envelope, phase, low_pass, spectrum, wavetable, filtered_noise, playing)
    behind = patch.effects is not None
    functions = {
        each.source: SOURCES[each.source].coefficients
        for each in patch.sources
        if SOURCES[each.source].coefficients is not None
    }
    parts = [
        header("A synthesizer patch.", "; board.py beside it needs pedalboard" if behind else ""),
        "import board\n" if behind else "",
        *(body(module) for module in modules),
        *(inspect.getsource(function) for function in functions.values() if function is not None),
        _voice(patch),
        reading(drums=False),
        _PLAYING.format(
            effects="board.build(sample_rate)(played, sample_rate)" if behind else "played"
        )
        + MAIN,
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _voice(patch: Patch) -> str:
    """Return the source of the voice."""
    lines = ["VOICE = Voice(", "    ("]
    for each, node in zip(patch.voice.oscillators, patch.sources, strict=True):
        source, values = SOURCES[node.source], dict(each.values)
        name = "None" if source.coefficients is None else source.coefficients.__name__
        if source.measured:
            name = f"partial({name}, cycle={node.coefficients!r})"
        lines.append(f"        Oscillator({name}, {each.octave}, {each.weight!r}, {values!r}),")
    lines += ["    ),", "    {"]
    lines += [f"        {name!r}: {value!r}," for name, value in patch.controls.items()]
    lines += ["    },", f"    {patch.noise_seed},", ")"]
    return "\n".join(lines)


def body(module: ModuleType) -> str:
    """Return the source of a module without its docstring and imports."""
    source = inspect.getsource(module)
    kept = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            kept.append((node.lineno, node.end_lineno or node.lineno))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            kept.append((node.lineno, node.end_lineno or node.lineno))
    gone = {line for first, last in kept for line in range(first, last + 1)}
    lines = source.splitlines()
    return "\n".join(line for at, line in enumerate(lines, 1) if at not in gone)
