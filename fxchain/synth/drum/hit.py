"""The hit of a drum in a recording."""

import numpy as np

from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, resample, to_channels
from fxchain.notes.note import Note
from fxchain.synth.search.heard import SILENT_PEAK, Heard

#: The search plays at most this rate, Hz.
SEARCH_SAMPLE_RATE = 44_100
#: A hit begins where the level passes this share of the peak, and has ended where it stays below
#: that one (−40 and −60 dB).
BEGUN, ENDED = 1e-2, 1e-3
#: It is fitted for so long at least and at most, s.
SHORTEST_SECONDS, LONGEST_SECONDS = 0.08, 1.0


def heard_hit(audio: Audio) -> tuple[Heard, float]:
    """Return the hit of a recording, and when it begins, s.

    Args:
        audio: one hit of a drum; stereo is mixed down

    Raises:
        MatchError: it is silent.
    """
    mono = resample(to_channels(audio, 1), min(SEARCH_SAMPLE_RATE, audio.sample_rate))
    samples, rate = mono.samples[0].astype(np.float64), mono.sample_rate
    peak = float(np.abs(samples).max())
    if peak < SILENT_PEAK:
        raise MatchError(f"{audio.name}: the recording is silent; give one hit of a drum")
    loud = np.flatnonzero(np.abs(samples) > BEGUN * peak)
    first = max(int(loud[0]) - 1, 0)
    last = int(np.flatnonzero(np.abs(samples) > ENDED * peak)[-1]) + 1
    least, most = (round(each * rate) for each in (SHORTEST_SECONDS, LONGEST_SECONDS))
    length = min(max(last - first, least), most)
    part = samples[first : first + length]
    part = np.pad(part, (0, max(least - len(part), 0)))
    note = Note(0.0, len(part) / rate, 36.0, 1.0)
    return Heard(part, (note,), rate), first / rate
