"""The notes of an instrument that plays chords, from a recording alone."""

from dataclasses import dataclass

import numpy as np

from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, resample, to_channels
from fxchain.notes.harmonic_templates import Explained, explained
from fxchain.notes.note import Note
from fxchain.notes.note_ends import note_end
from fxchain.notes.note_starts import harmonic_level, played_again
from fxchain.notes.one_voice import (
    FINE,
    HIGHEST_PITCH,
    LOWEST_VELOCITY,
    SAMPLE_RATE,
    SHORTEST_SECONDS,
    SILENT_PEAK,
    WIDE,
    FoundNotes,
    find_notes,
)
from fxchain.notes.onsets import onset_strength
from fxchain.notes.spectra import Spectra, spectra_of

#: Most voices that can be asked for.
MOST_VOICES = 6
#: Pitches that are looked for, from here on, MIDI number.
LOWEST_PITCH = 33
PITCHES = np.arange(LOWEST_PITCH, HIGHEST_PITCH + 1)
#: An onset has this strength at least, and is the strongest so far around it, s.
ONSET, AROUND_SECONDS = 0.08, 0.06
#: What sounds is taken before an onset and from then until then behind it, s.
BEFORE_SECONDS, BEHIND_SECONDS = 0.05, (0.05, 0.25)
#: At an onset notes begin where they explain at least this share of the power behind it, and where
#: its largest amplitude has at least this share of the peak of the recording (−60 dB).
#: `benchmarks/tonal_onsets.py` counts the onsets on either side of the share.
TONAL, AUDIBLE = 0.18, 1e-3
#: A note has these shares of the largest of its chord at least, of what is played and of what is
#: heard, and has grown by this factor.
QUIETEST_PLAYED, QUIETEST_HEARD, GROWN = 0.15, 0.05, 1.8

#: A pitch is played again where it had faded to this share of what it was and of what it reaches
#: soon, s.
FADED, SOON_SECONDS = 0.4, 0.12
#: A note has ended where this share of it is left behind an onset.
LEFT = 0.3


def found_notes(audio: Audio, voices: int) -> FoundNotes:
    """Find the notes of a recording: of one voice, or of chords of so many notes at most.

    Args:
        audio: the recording; stereo is mixed down
        voices: how many notes begin together at most

    Raises:
        MatchError: as `find_notes` and `find_chords` do.
    """
    return find_notes(audio) if voices == 1 else find_chords(audio, voices)


def find_chords(audio: Audio, voices: int) -> FoundNotes:
    """Find the notes of a recording of one instrument that plays chords.

    At each onset the spectra before and behind it are explained by notes with common harmonics;
    what has grown is played. Onsets of noise, clicks and constants, which wide bands explain, are
    left out.

    Args:
        audio: the recording; stereo is mixed down
        voices: how many notes begin together at most

    Raises:
        MatchError: it is silent, or there is no note in it; the number of voices is out of range.
    """
    if not 1 <= voices <= MOST_VOICES:
        raise MatchError(f"--voices {voices}: give 1 to {MOST_VOICES}")
    found = explained_onsets(audio)
    notes = []
    if found is not None:
        holds_notes = (found.levels > AUDIBLE) & (found.tonal > TONAL)
        chords = _chords(found.moments, found.notes, holds_notes, voices)
        chords = _again(found.moments, chords, found.fine)
        notes = _notes(found.moments, chords, found.notes, found.fine, audio.seconds)
    if not notes:
        raise MatchError(
            f"{audio.name}: no notes were found in it; give a recording of an instrument that has "
            "a pitch, or the MIDI file of its notes"
        )
    return FoundNotes(tuple(notes), found=True)


@dataclass(frozen=True, eq=False)
class ExplainedOnsets:
    """The onsets of a recording, with the notes that explain it before and behind each.

    Attributes:
        moments: s, increasing
        levels: (onsets,) largest amplitude behind each, as a share of the peak of the recording
        notes: of the spectra before and behind each onset, in turns
        fine: spectra with short frames
    """

    moments: list[float]
    levels: np.ndarray
    notes: Explained
    fine: Spectra

    @property
    def tonal(self) -> np.ndarray:
        """Return the share of the power behind each onset that notes explain, (onsets,)."""
        return self.notes.tonal[1::2]


def explained_onsets(audio: Audio) -> ExplainedOnsets | None:
    """Return the onsets of a recording, or None where nothing begins.

    Args:
        audio: the recording; stereo is mixed down

    Raises:
        MatchError: it is silent.
    """
    peak = float(np.abs(audio.samples).max())
    if peak < SILENT_PEAK:
        raise MatchError(f"{audio.name}: the recording is silent; give one of the instrument")
    mono = resample(to_channels(audio, 1), min(SAMPLE_RATE, audio.sample_rate))
    samples = mono.samples[0].astype(np.float64)
    wide, fine = (spectra_of(samples, mono.sample_rate, *each) for each in (WIDE, FINE))
    moments = _onsets(fine, audio.seconds)
    if not moments:
        return None
    spectra = _before_and_behind(moments, wide, audio.seconds)
    levels = spectra[1::2].max(axis=1) / peak
    return ExplainedOnsets(moments, levels, explained(spectra, PITCHES, wide), fine)


def _onsets(fine: Spectra, seconds: float) -> list[float]:
    """Return when something begins, s.

    Not within a frame of the end of the recording, `seconds`: a sound that is cut there spreads
    over the spectrum as one that begins does, and a note could not be heard.
    """
    strength = onset_strength(fine)
    around = round(AROUND_SECONDS / fine.hop_seconds)
    level = fine.amplitudes.max(axis=1)
    found = [] if level[: around + 1].max() < 1e-2 * level.max() else [0.0]
    for moment in np.flatnonzero(strength > ONSET):
        near = strength[max(moment - around, 0) : moment + around + 1]
        start = float(moment * fine.hop_seconds)
        if strength[moment] >= near.max() and (not found or start - found[-1] > AROUND_SECONDS):
            found.append(start)
    return [start for start in found if start <= seconds - WIDE[0]]


def _before_and_behind(onsets: list[float], wide: Spectra, seconds: float) -> np.ndarray:
    """Return the spectra before and behind each onset, in turns, (2 · onsets, bins)."""
    columns = []
    for moment, until in zip(onsets, [*onsets[1:], seconds], strict=True):
        first, last = (wide.frame(min(moment + each, until - 0.04)) for each in BEHIND_SECONDS)
        first = min(first, last)
        columns.append(wide.amplitudes[wide.frame(max(moment - BEFORE_SECONDS, 0.0))])
        columns.append(wide.amplitudes[first : last + 1].mean(axis=0))
    return np.stack(columns)


def _chords(
    onsets: list[float], notes: Explained, holds_notes: np.ndarray, voices: int
) -> list[dict[int, float]]:
    """Return pitch and level of the notes that begin at each onset, of those that hold notes."""
    found = []
    for number, moment in enumerate(onsets):
        before, behind = notes.heard[:, 2 * number], notes.heard[:, 2 * number + 1]
        before = before if moment > BEFORE_SECONDS else np.zeros_like(before)
        played = notes.played[:, 2 * number + 1]
        grown = (behind > GROWN * before) & (behind > QUIETEST_HEARD * behind.max())
        grown &= holds_notes[number]
        loudest = float(played[grown].max(initial=0.0))
        grown &= played > QUIETEST_PLAYED * loudest
        chosen = sorted(np.flatnonzero(grown), key=lambda each: -float(behind[each]))[:voices]
        found.append({int(PITCHES[each]): float(behind[each]) for each in sorted(chosen)})
    return found


def _again(
    onsets: list[float], chords: list[dict[int, float]], fine: Spectra
) -> list[dict[int, float]]:
    """Return the chords without pitches that only go on: slow attacks and beats grow, too."""
    begun: dict[int, float] = {}
    kept = []
    for moment, chord in zip(onsets, chords, strict=True):
        new = {
            pitch: level
            for pitch, level in chord.items()
            if pitch not in begun or _begins_again(fine, float(pitch), begun[pitch], moment)
        }
        begun |= dict.fromkeys(new, moment)
        kept.append(new)
    return kept


def _begins_again(fine: Spectra, pitch: float, begun: float, moment: float) -> bool:
    """Tell whether a pitch is played again: all its harmonics rise, and their sum had faded."""
    return played_again(fine, pitch, moment, begun) and _fell(fine, pitch, begun, moment)


def _fell(fine: Spectra, pitch: float, begun: float, moment: float) -> bool:
    """Tell whether a note that began has faded before a moment, and comes back behind it."""
    first, at = fine.frame(begun), fine.frame(moment)
    level = harmonic_level(fine, pitch, first, fine.frame(moment + SOON_SECONDS) + 1).sum(axis=1)
    at -= first
    top = int(np.argmax(level[: at + 1]))
    valley = float(level[top : at + 1].min())
    return valley < FADED * min(float(level[top]), float(level[at:].max()))


def _notes(
    onsets: list[float],
    chords: list[dict[int, float]],
    heard: Explained,
    fine: Spectra,
    seconds: float,
) -> list[Note]:
    """Return the notes, each until its harmonics fade faster or it is played again.

    It is looked at until the first onset behind which little of it is left: what is heard at its
    harmonics there belongs to others.
    """
    loudest = max((level for chord in chords for level in chord.values()), default=0.0)
    notes = []
    for number, (start, chord) in enumerate(zip(onsets, chords, strict=True)):
        for pitch, level in chord.items():
            behind = heard.heard[pitch - LOWEST_PITCH, 1::2]
            ended = [
                moment
                for later, moment in enumerate(onsets)
                if later > number and (pitch in chords[later] or behind[later] < LEFT * level)
            ]
            first, last = fine.frame(start), fine.frame(ended[0] if ended else seconds) + 1
            levels = harmonic_level(fine, float(pitch), first, last).sum(axis=1)
            lasting = max(note_end(levels) * fine.hop_seconds, SHORTEST_SECONDS)
            velocity = max(level / loudest, LOWEST_VELOCITY)
            notes.append(Note(start, lasting, float(pitch), min(velocity, 1.0)))
    return sorted(notes, key=lambda note: (note.start_seconds, note.pitch))
