"""What the search listens to: the part of a recording with its notes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, resample, to_channels
from fxchain.notes.note import Note
from fxchain.synth.voice.spectrum import FADE_BEGIN, FADE_END

#: The search renders at most this rate: half the samples of 44.1 kHz, Hz.
SEARCH_SAMPLE_RATE = 22_050
#: At most so much of the recording is fitted, from its first note, s.
FITTED_SECONDS = 3.0
#: Below this a recording holds no sound (−90 dBFS).
SILENT_PEAK = 10.0 ** (-90.0 / 20.0)


@dataclass(frozen=True, eq=False)
class Heard:
    """A stretch of a recording.

    Attributes:
        samples: (samples,) float64, mono
        notes: that begin in it, relative to its beginning
        sample_rate: Hz
    """

    samples: np.ndarray
    notes: tuple[Note, ...]
    sample_rate: int


def heard(audio: Audio, notes: Sequence[Note], seconds: float = FITTED_SECONDS) -> Heard:
    """Return the stretch of a recording that is fitted.

    Args:
        audio: the recording
        notes: all that are played in it
        seconds: its length at most

    Raises:
        MatchError: there is no note, no sound, or no note begins in the recording.
    """
    if not notes:
        raise MatchError(f"{audio.name}: there are no notes to play; give a MIDI file with notes")
    if float(np.abs(audio.samples).max()) < SILENT_PEAK:
        raise MatchError(f"{audio.name}: the recording is silent; give one of the instrument")
    inside = [note for note in notes if note.start_seconds < audio.seconds - 0.05]
    if not inside:
        raise MatchError(
            f"{audio.name}: it ends after {audio.seconds:.1f} s, before the first note begins; "
            "give the MIDI file of this recording"
        )
    mono = resample(to_channels(audio, 1), min(SEARCH_SAMPLE_RATE, audio.sample_rate))
    rate = mono.sample_rate
    first = int(min(note.start_seconds for note in inside) * rate)
    samples = _faded(mono.samples[0].astype(np.float64))[first : first + round(seconds * rate)]
    end = (first + len(samples)) / rate
    moved = [
        replace(note, start_seconds=note.start_seconds - first / rate)
        for note in inside
        if note.start_seconds < end - 0.05
    ]
    return Heard(samples, tuple(moved), rate)


def _faded(samples: np.ndarray) -> np.ndarray:
    """Return samples with the fade that voices have below half the sample rate."""
    share = np.arange(len(samples) // 2 + 1) / len(samples)
    fade = np.clip((FADE_END - share) / (FADE_END - FADE_BEGIN), 0.0, 1.0)
    return np.fft.irfft(np.fft.rfft(samples) * fade, len(samples))
