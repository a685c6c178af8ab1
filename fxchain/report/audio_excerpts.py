"""The audio excerpts of a page: encoded tracks with their pictures and levels."""

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import soundfile
import soxr

from fxchain.metrics.loudness import loudness_difference
from fxchain.report import png, spectrogram, waveform
from fxchain.report.content import Comparison

#: The most comparisons of a page, and the most bytes of all their audio.
MOST_COMPARISONS = 6
MOST_BYTES = 3_400_000
LONGEST_SECONDS, SHORTEST_SECONDS = 60.0, 2.0
HIGHEST_RATE = 48_000
#: The largest gain that matches loudness, and the largest gain of the difference, dB.
MOST_MATCHING_DB, MOST_LIFT_DB = 40.0, 60.0
#: The highest peak of playback, full scale 1, and the largest gain of quiet recordings, dB.
LOUDEST, MOST_RAISE_DB = 0.9, 30.0
_PEAK = 0.999


@dataclass(frozen=True)
class Excerpt:
    """The part of a comparison that is on the page.

    Attributes:
        start: first sample
        end: sample after the last
        sample_rate: Hz, of both
    """

    start: int
    end: int
    sample_rate: int

    @property
    def seconds(self) -> float:
        """Return its length, s."""
        return (self.end - self.start) / self.sample_rate


def choose_excerpt(comparison: Comparison, seconds: float, sample_rate: int) -> Excerpt:
    """Return a part of at most `seconds`, around the beginning of the held-out part."""
    length = min(comparison.length, max(1, round(seconds * sample_rate)))
    middle = comparison.length if comparison.held_out is None else comparison.held_out[0]
    start = int(np.clip(middle - length // 2, 0, comparison.length - length))
    if comparison.held_out is None:
        start = 0
    return Excerpt(start, start + length, sample_rate)


@dataclass(frozen=True, eq=False)
class TrackExcerpt:
    """A track on the page.

    Attributes:
        key: of the track; `difference` for the difference of two
        label: of its button
        file: the name of its file
        wave: points of its waveform outline
        picture: its spectrogram, a data address
        matching_db: the gain to the loudness of the reference
        lift_db: of the difference: the gain to the loudness of the reference
        flac: encoded samples; None for the difference, which the page computes
        gain: factor of the decoded samples
    """

    key: str
    label: str
    file: str
    wave: str
    picture: str
    matching_db: float
    lift_db: float
    flac: bytes | None
    gain: float


@dataclass(frozen=True, eq=False)
class ComparisonExcerpt:
    """A comparison on the page.

    Attributes:
        comparison: the whole
        excerpt: the part of it
        tracks: the difference last
        raise_db: playback gain of all of them
    """

    comparison: Comparison
    excerpt: Excerpt
    tracks: tuple[TrackExcerpt, ...]
    raise_db: float

    @cached_property
    def held_out_seconds(self) -> tuple[float, float] | None:
        """Return the ends of the held-out part within the excerpt, s."""
        if self.comparison.held_out is None:
            return None
        excerpt = self.excerpt
        ends = [np.clip(at, excerpt.start, excerpt.end) for at in self.comparison.held_out]
        first, last = (float(at - excerpt.start) / excerpt.sample_rate for at in ends)
        return (first, last) if last > first else None

    def data(self) -> dict[str, Any]:
        """Return the data for the page's script."""
        compared = self.comparison.compared
        return {
            "seconds": self.excerpt.seconds,
            "start": self.excerpt.start / self.excerpt.sample_rate,
            "raise_db": self.raise_db,
            "reference": self.comparison.reference,
            "compared": None if compared is None else list(compared),
            "tracks": [
                {
                    "key": track.key,
                    "label": track.label,
                    "matching_db": track.matching_db,
                    "lift_db": track.lift_db,
                    "gain": track.gain,
                    "flac": None if track.flac is None else base64.b64encode(track.flac).decode(),
                }
                for track in self.tracks
            ],
        }


def report_excerpts(comparisons: Sequence[Comparison], sample_rate: int) -> list[ComparisonExcerpt]:
    """Return excerpts of the first comparisons, `MOST_BYTES` of audio together."""
    first = [(comparison, sample_rate) for comparison in comparisons[:MOST_COMPARISONS]]
    return limited_excerpts(first, MOST_BYTES)


def limited_excerpts(
    comparisons: Sequence[tuple[Comparison, int]], most_bytes: float
) -> list[ComparisonExcerpt]:
    """Return excerpts of comparisons, whose audio takes at most `most_bytes` together.

    Args:
        comparisons: each with its sample rate, Hz
        most_bytes: of all audio, base64-encoded
    """
    return [
        _longest_excerpt(comparison, rate, most_bytes / len(comparisons))
        for comparison, rate in comparisons
    ]


def _longest_excerpt(
    comparison: Comparison, sample_rate: int, most_bytes: float
) -> ComparisonExcerpt:
    """Return the longest excerpt whose audio takes at most `most_bytes`."""
    seconds = min(LONGEST_SECONDS, comparison.length / sample_rate)
    brief = choose_excerpt(comparison, SHORTEST_SECONDS, sample_rate)
    rate = _size(_encoded(comparison, brief)) / brief.seconds  # bytes a second, roughly
    if rate * seconds > 1.5 * most_bytes:
        seconds = max(SHORTEST_SECONDS, 1.2 * most_bytes / rate)
    while True:
        excerpt = choose_excerpt(comparison, seconds, sample_rate)
        encoded = _encoded(comparison, excerpt)
        size = _size(encoded)
        if size <= most_bytes or excerpt.seconds <= SHORTEST_SECONDS:
            return _comparison_excerpt(comparison, excerpt, encoded)
        seconds = max(SHORTEST_SECONDS, 0.97 * excerpt.seconds * most_bytes / size)


def _encoded(comparison: Comparison, excerpt: Excerpt) -> dict[str, tuple[bytes, float]]:
    part = slice(excerpt.start, excerpt.end)
    return {t.key: encode(t.samples[:, part], excerpt.sample_rate) for t in comparison.tracks}


def _size(encoded: Mapping[str, tuple[bytes, float]]) -> float:
    """Return the number of characters of the tracks in the page."""
    return sum(len(flac) for flac, _ in encoded.values()) * 4 / 3


def _comparison_excerpt(
    comparison: Comparison, excerpt: Excerpt, encoded: Mapping[str, tuple[bytes, float]]
) -> ComparisonExcerpt:
    part, rate = slice(excerpt.start, excerpt.end), excerpt.sample_rate
    cut = {track.key: np.asarray(track.samples[:, part]) for track in comparison.tracks}
    reference = cut[comparison.reference]
    matching = {
        key: _limited(-loudness_difference(reference, samples, rate), MOST_MATCHING_DB)
        for key, samples in cut.items()
    }
    peaks = [_peak(samples) * 10 ** (matching[key] / 20) for key, samples in cut.items()]
    peaks += [_peak(samples) for samples in cut.values()]
    raise_db = min(MOST_RAISE_DB, 20.0 * float(np.log10(LOUDEST / max(*peaks, 1e-6))))
    loudest = float(spectrogram.levels_db(reference, rate).max())
    full_scale = max(_peak(s) * 10 ** (matching[k] / 20) for k, s in cut.items())
    tracks = []
    for track in comparison.tracks:
        samples, gain_db = cut[track.key], matching[track.key]
        pictures = _pictures(samples, rate, gain_db, full_scale, loudest)
        flac, gain = encoded[track.key]
        tracks.append(
            TrackExcerpt(track.key, track.label, track.file, *pictures, gain_db, 0.0, flac, gain)
        )
    if comparison.compared is not None:
        first, second = (cut[key] for key in comparison.compared)
        samples = first - second
        pictures = _pictures(samples, rate, 0.0, full_scale, loudest)
        lift = -loudness_difference(reference, samples, rate) if np.any(samples) else 0.0
        lift = float(np.clip(lift, 0.0, MOST_LIFT_DB))
        tracks.append(TrackExcerpt("difference", "Difference", "", *pictures, 0.0, lift, None, 1.0))
    return ComparisonExcerpt(comparison, excerpt, tuple(tracks), raise_db)


def _pictures(
    samples: np.ndarray, sample_rate: int, gain_db: float, full_scale: float, loudest_db: float
) -> tuple[str, str]:
    """Return the waveform outline and the spectrogram, both at a gain."""
    levels = spectrogram.levels_db(samples, sample_rate) + gain_db
    drawn = spectrogram.picture(levels, loudest_db)
    wave = waveform.outline(samples * np.float32(10 ** (gain_db / 20)), full_scale)
    return wave, png.data_uri(drawn, spectrogram.palette())


def encode(samples: np.ndarray, sample_rate: int) -> tuple[bytes, float]:
    """Return a recording as 16-bit FLAC at full scale, and the factor that undoes the scaling.

    Args:
        samples: (channels, samples)
        sample_rate: Hz; above 48 kHz it is resampled to that
    """
    rate = min(sample_rate, HIGHEST_RATE)
    frames = np.asarray(samples, dtype=np.float32).T
    if rate != sample_rate:
        frames = soxr.resample(frames, sample_rate, rate)
    peak = max(float(np.max(np.abs(frames))), 1e-9)
    file = io.BytesIO()
    soundfile.write(file, frames * np.float32(_PEAK / peak), rate, format="FLAC", subtype="PCM_16")
    return file.getvalue(), peak / _PEAK


def _peak(samples: np.ndarray) -> float:
    return float(np.max(np.abs(samples)))


def _limited(value: float, most: float) -> float:
    return float(np.clip(value, -most, most))
