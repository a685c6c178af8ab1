"""Recordings of other makers' instruments: programs in Faust, and a General MIDI sound font."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from note_draws import drawn_notes

from fxchain.data.presets import hidden_rng
from fxchain.files.audio_input import from_array
from fxchain.notes.note import Note
from fxchain.synth.distance import mel_spectral_distance
from fxchain.synth.patch import Patch
from fxchain.synth.play import render_patch
from fxchain.synth.search.heard import Heard, heard

SAMPLE_RATE = 44_100
#: Of the recording that is heard, and of that which judges, s.
HEARD_SECONDS, JUDGING_SECONDS = 3, 4

_HEAD = """import("stdfaust.lib");
freq = hslider("freq", 440, 20, 20000, 0.01);
gain = hslider("gain", 0.5, 0, 1, 0.001);
gate = button("gate");
effect = _;
process = {};
"""
#: Patches in Faust by oscillators, filters and instruments of its libraries; the first ten are
#: reported, the others were looked at during development.
FAUST = {
    "ladder bass": "(0.5*os.sawtooth(freq) + 0.4*os.square(freq/2))*gain"
    "*en.adsr(0.004,0.3,0.4,0.08,gate)"
    " : ve.moog_vcf(0.5, 180 + 1200*en.adsr(0.002,0.25,0.1,0.1,gate))",
    "detuned saws": "sum(i,5,os.sawtooth(freq*(1+0.006*(i-2))))/5*gain"
    "*en.adsr(0.02,0.3,0.7,0.2,gate) : fi.lowpass(4,4000)",
    "pulse-width pad": "0.4*os.pulsetrain(freq, 0.5+0.4*os.osc(0.7))*gain"
    "*en.adsr(0.2,0.3,0.7,0.3,gate) : fi.resonlp(2500,2,1)",
    "dub": "sy.dubDub(freq,2000,2,gate)*gain",
    "comb string": "sy.combString(freq,1,gate)*gain",
    "phase-distortion saw": "os.CZsaw(os.phasor(1,freq), 0.7)*gain*en.adsr(0.01,0.2,0.6,0.1,gate)",
    "phase-distortion resonance": "os.CZresTrap(os.phasor(1,freq), 4)*gain"
    "*en.adsr(0.01,0.2,0.6,0.1,gate)",
    "triangle lead": "os.triangle(freq)*gain*en.adsr(0.01,0.2,0.6,0.1,gate) : ve.korg35LPF(0.4,3)",
    "organ": "sum(i,6,os.osc(freq*(i+1))*ba.take(i+1,(1,0.7,0.4,0.5,0.1,0.3)))*gain/3"
    "*en.asr(0.01,1,0.05,gate)",
    "clarinet": "pm.clarinetModel(pm.f2l(freq),0.7*en.adsr(0.02,0.1,0.9,0.1,gate),0.6,0.5)*gain",
    "state-variable saw": "os.sawtooth(freq)*gain*en.adsr(0.01,0.2,0.6,0.1,gate)"
    " : ve.oberheimLPF(0.4,3)",
    "nylon guitar": "pm.nylonGuitar(pm.f2l(freq),0.2,gain,gate:ba.impulsify)",
    "plucked string": "pm.ks(pm.f2l(freq),0.1,no.noise*en.ar(0.0005,0.002,gate))*gain/2",
    "violin": "pm.violinModel(pm.f2l(freq),0.5,0.2*en.adsr(0.05,0.1,0.9,0.1,gate),0.1)*gain",
}
#: Patches in Faust, and programs of the sound font, that are reported.
FAUST_CASES, PROGRAM_CASES = 10, 12
#: Programs that have a pitch: the last two groups of General MIDI are percussion and noises.
_PITCHED_PROGRAMS = 112


@dataclass(frozen=True)
class MakerCase:
    """An instrument of another maker: three notes are heard, four others judge.

    Attributes:
        number: from 0; those of the draw that are reported come first
    """

    number: int

    @property
    def name(self) -> str:
        """Return what it is called."""
        raise NotImplementedError

    def play(self, notes: Sequence[Note], seconds: int) -> np.ndarray:
        """Return what it plays, (samples,)."""
        raise NotImplementedError

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """Return the notes that are heard."""
        return _of_keyboard(drawn_notes(hidden_rng((38, self.number, 3)), 3, 0.45, 0.75))

    @cached_property
    def judging(self) -> tuple[Note, ...]:
        """Return other notes, which judge."""
        return _of_keyboard(drawn_notes(hidden_rng((38, self.number, 4)), 4, 0.2, 0.8))

    @cached_property
    def recorded(self) -> np.ndarray:
        """Return the recording, (samples,)."""
        return self.play(self.notes, HEARD_SECONDS)

    @cached_property
    def heard(self) -> Heard:
        """Return what a search hears."""
        return heard(from_array(self.recorded.astype(np.float32), SAMPLE_RATE), self.notes)

    @property
    def level(self) -> float:
        """Return the amplitude that a weight of 1 stands for in the peers' searches."""
        return float(np.abs(self.recorded).max())

    @cached_property
    def truth(self) -> np.ndarray:
        """Return what the instrument makes of the judging notes, (samples,)."""
        return self.play(self.judging, JUDGING_SECONDS)

    def judged(self, patch: Patch) -> float:
        """Return the mel-spectral distance of a patch on the judging notes, dB."""
        played = render_patch(patch, self.judging, SAMPLE_RATE, JUDGING_SECONDS * SAMPLE_RATE)[0]
        return mel_spectral_distance(played, self.truth, SAMPLE_RATE)


@dataclass(frozen=True)
class FaustCase(MakerCase):
    """A patch in Faust, played by DawDreamer with eight voices."""

    @property
    def name(self) -> str:
        """Return what it is called."""
        return list(FAUST)[self.number]

    def play(self, notes: Sequence[Note], seconds: int) -> np.ndarray:
        """Return what it plays, (samples,)."""
        import dawdreamer

        engine = dawdreamer.RenderEngine(SAMPLE_RATE, 64)
        synth = engine.make_faust_processor("synth")
        synth.num_voices = 8
        synth.set_dsp_string(_HEAD.format(FAUST[self.name]))
        synth.compile()
        for note in notes:
            velocity = round(127 * note.velocity)
            synth.add_midi_note(
                round(note.pitch), velocity, note.start_seconds, note.duration_seconds
            )
        engine.load_graph([(synth, [])])
        engine.render(float(seconds))
        return np.asarray(engine.get_audio()[0], dtype=np.float64)


@dataclass(frozen=True)
class ProgramCase(MakerCase):
    """A program of the General MIDI sound font that comes with pretty_midi, by TinySoundFont."""

    @cached_property
    def program(self) -> int:
        """Return its number."""
        order = hidden_rng((39,)).permutation(_PITCHED_PROGRAMS)
        return int(order[self.number])

    @property
    def name(self) -> str:
        """Return what it is called."""
        return f"program {self.program}"

    def play(self, notes: Sequence[Note], seconds: int) -> np.ndarray:
        """Return what it plays, the mean of both channels, (samples,)."""
        import pretty_midi
        import tinysoundfont

        synth = tinysoundfont.Synth(samplerate=SAMPLE_RATE)
        font = synth.sfload(str(Path(pretty_midi.__file__).parent / "TimGM6mb.sf2"))
        synth.program_select(0, font, 0, self.program)
        events = [(note.start_seconds, round(127 * note.velocity), note.pitch) for note in notes]
        events += [(note.start_seconds + note.duration_seconds, 0, note.pitch) for note in notes]
        parts, at = [], 0
        for when, velocity, pitch in [*sorted(events), (float(seconds), 0, 0.0)]:
            end = min(round(when * SAMPLE_RATE), seconds * SAMPLE_RATE)
            if end > at:
                heard_now = bytes(synth.generate(end - at))
                parts.append(np.frombuffer(heard_now, dtype=np.float32).reshape(-1, 2))
                at = end
            if velocity:
                synth.noteon(0, round(pitch), velocity)
            else:
                synth.noteoff(0, round(pitch))
        return np.concatenate(parts).mean(axis=1, dtype=np.float64)


def _of_keyboard(notes: Sequence[Note]) -> tuple[Note, ...]:
    """Return notes with velocities that MIDI has."""
    return tuple(replace(note, velocity=round(127 * note.velocity) / 127) for note in notes)
