"""The notes of one voice, from a recording alone."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from fxchain.errors import MatchError
from fxchain.files.audio_input import Audio, resample, to_channels
from fxchain.notes.births import new_bins
from fxchain.notes.note import Note
from fxchain.notes.note_ends import note_end
from fxchain.notes.note_starts import harmonic_level, note_start, played_again
from fxchain.notes.onset_candidates import candidates
from fxchain.notes.onsets import onset_strength
from fxchain.notes.pitch_path import best_path
from fxchain.notes.pitch_scores import pitch_scores, pitches, step_of
from fxchain.notes.spectra import Spectra, spectra_of
from fxchain.notes.spectral_peaks import STEPS_PER_OCTAVE, SpectralPeaks, spectral_peaks

#: Length and distance of frames for pitches and for onsets, s.
WIDE, FINE = (0.093, 0.010), (0.046, 0.005)
#: Neighbours of less difference have one pitch, semitones.
SAME_PITCH = 0.6
#: Recordings are looked at at this rate, Hz.
SAMPLE_RATE = 22_050
#: Pitches that are looked for, MIDI numbers.
LOWEST_PITCH, HIGHEST_PITCH = 28, 96
#: Below this a recording holds no sound (−90 dBFS).
SILENT_PEAK = 10.0 ** (-90.0 / 20.0)
#: Frames whose largest peak is below this share of that of the recording are silence (−40 dB).
SILENT_FRAME = 1e-2
#: A note is at least so long, s, and adds at least this share of the power that is heard.
SHORTEST_SECONDS, ADDED = 0.05, 0.1
#: What the scores of all peaks count beside those of new ones.
WHOLE = 0.3
#: At least this share of the power of the notes lies in peaks; of noise less does.
TONAL = 0.2
#: The softest note, as MIDI has it.
LOWEST_VELOCITY = 1.0 / 127.0
#: An octave remains a hypothesis where it has this share of the score of the best.
CLOSE_OCTAVE = 0.8


@dataclass(frozen=True)
class FoundNotes:
    """Notes, and what is left open.

    Attributes:
        notes: in order
        octaves: shifts of all notes that explain the recording about as well, semitones: the best
            first, which is 0
        found: they were found in a recording, and not given
    """

    notes: tuple[Note, ...]
    octaves: tuple[int, ...] = (0,)
    found: bool = False

    def shifted(self, semitones: int) -> tuple[Note, ...]:
        """Return the notes in another octave."""
        return tuple(replace(note, pitch=note.pitch + semitones) for note in self.notes)


def find_notes(audio: Audio) -> FoundNotes:
    """Find the notes of a recording of one voice.

    Args:
        audio: the recording; stereo is mixed down

    Raises:
        MatchError: it is silent, or there is no pitch in it.
    """
    if float(np.abs(audio.samples).max()) < SILENT_PEAK:
        raise MatchError(f"{audio.name}: the recording is silent; give one of the instrument")
    mono = resample(to_channels(audio, 1), min(SAMPLE_RATE, audio.sample_rate))
    samples, rate = mono.samples[0].astype(np.float64), mono.sample_rate
    wide, fine = (spectra_of(samples, rate, *each) for each in (WIDE, FINE))
    whole = spectral_peaks(wide)
    loud = whole.level > SILENT_FRAME * whole.level.max()
    path, _ = max((best_path(scores) for scores in _models(whole)), key=lambda each: each[1])
    moments = candidates(path, loud, wide, onset_strength(fine), fine)
    added = spectral_peaks(wide, new_bins(wide, [wide.frame(each) for each in moments]))
    models = [
        scores + WHOLE * all_scores
        for scores, all_scores in zip(_models(added), _models(whole), strict=True)
    ]
    stretches = _stretches(moments, loud, (whole, added), models, wide)
    stretches = _again(stretches, fine)
    if not stretches or _tonality(stretches, whole, wide) < TONAL:
        raise MatchError(
            f"{audio.name}: no notes were found in it; give a recording of one voice that has a "
            "pitch, or the MIDI file of its notes"
        )
    octaves = _octaves(np.maximum(*models), stretches, wide)
    return FoundNotes(tuple(_notes(stretches, fine)), octaves, found=True)


def _models(peaks: SpectralPeaks) -> list[np.ndarray]:
    """Return the scores of pitches without and with a sub-oscillator."""
    outside = (pitches() < LOWEST_PITCH) | (pitches() > HIGHEST_PITCH)
    models = [pitch_scores(peaks, sub) for sub in (False, True)]
    for scores in models:
        scores[:, outside] = -1.0
    return models


@dataclass(frozen=True)
class _Stretch:
    """What lies between two onsets: when, and its pitch."""

    start_seconds: float
    end_seconds: float
    pitch: float


def _stretches(
    moments: list[float],
    loud: np.ndarray,
    peaks: tuple[SpectralPeaks, SpectralPeaks],
    models: list[np.ndarray],
    spectra: Spectra,
) -> list[_Stretch]:
    """Return the stretches between onsets in which something is added, with their pitches."""
    whole, added = peaks
    axis, found, totals = pitches(), [], np.zeros(len(models))
    frames = [spectra.frame(each) for each in moments]
    pairs = pairwise([*frames, len(loud)])
    for moment, (first, last) in zip(moments, pairs, strict=True):
        inside = first + np.flatnonzero(loud[first:last])
        if len(inside) * spectra.hop_seconds < SHORTEST_SECONDS:
            continue
        power = [np.square(each.level[inside]).sum() for each in (added, whole)]
        if power[0] < ADDED * power[1]:
            continue
        paths = [best_path(scores[first:last]) for scores in models]
        totals += [total for _, total in paths]
        end = (inside[-1] + 1) * spectra.hop_seconds
        weights = added.level[first:last]
        each_pitch = [float(axis[_weighted_median(path, weights)]) for path, _ in paths]
        found.append((moment, end, each_pitch))
    best = int(np.argmax(totals))
    return [_Stretch(start, end, each_pitch[best]) for start, end, each_pitch in found]


def _tonality(stretches: list[_Stretch], peaks: SpectralPeaks, spectra: Spectra) -> float:
    """Return the mean tonality of the frames of notes, counted by their level."""
    frames = np.concatenate(
        [
            np.arange(spectra.frame(each.start_seconds), spectra.frame(each.end_seconds))
            for each in stretches
        ]
    )
    return float(np.average(peaks.tonality[frames], weights=peaks.level[frames] + 1e-30))


def _again(stretches: list[_Stretch], fine: Spectra) -> list[_Stretch]:
    """Return the stretches; those that only continue a pitch are joined."""
    kept: list[_Stretch] = []
    for each in stretches:
        last = kept[-1] if kept else None
        if (
            last is not None
            and abs(each.pitch - last.pitch) < SAME_PITCH
            and not played_again(fine, each.pitch, each.start_seconds, last.start_seconds)
        ):
            kept[-1] = replace(last, end_seconds=each.end_seconds)
        else:
            kept.append(each)
    return kept


def _notes(stretches: list[_Stretch], fine: Spectra) -> list[Note]:
    """Return the notes: begun where their harmonics grow, ended where these fade faster."""
    starts, earliest = [], 0.0
    for each in stretches:
        starts.append(note_start(fine, each.pitch, each.start_seconds, earliest))
        earliest = starts[-1] + SHORTEST_SECONDS
    levels = []
    for each, start, until in zip(stretches, starts, [*starts[1:], np.inf], strict=True):
        last = fine.frame(min(each.end_seconds, until)) + 1
        first = min(fine.frame(start), last - 1)
        levels.append(harmonic_level(fine, each.pitch, first, last).sum(axis=1))
    loudest = max((float(level.max()) for level in levels), default=0.0)
    notes = []
    for each, start, level in zip(stretches, starts, levels, strict=True):
        seconds = max(note_end(level) * fine.hop_seconds, SHORTEST_SECONDS)
        velocity = max(float(level.max()) / loudest, LOWEST_VELOCITY)
        notes.append(Note(start, seconds, float(round(each.pitch)), velocity))
    return notes


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> int:
    order = np.argsort(values)
    passed = np.cumsum(weights[order])
    return int(values[order[np.searchsorted(passed, 0.5 * passed[-1])]])


def _octaves(scores: np.ndarray, stretches: list[_Stretch], spectra: Spectra) -> tuple[int, ...]:
    """Return the shifts in octaves whose scores are close to those of the pitches, best first."""
    totals = {}
    for octave in (-1, 0, 1):
        total = 0.0
        for each in stretches:
            step = step_of(each.pitch) + octave * STEPS_PER_OCTAVE
            first, last = spectra.frame(each.start_seconds), spectra.frame(each.end_seconds)
            near = scores[first : last + 1, max(step - 3, 0) : step + 4]
            total += float(near.max(axis=1).sum()) if near.size else -np.inf
        totals[octave] = total
    close = [each for each in (-1, 1) if totals[each] >= CLOSE_OCTAVE * totals[0]]
    return (0, *(12 * each for each in sorted(close, key=lambda each: -totals[each])))
