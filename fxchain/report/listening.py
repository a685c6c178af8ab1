"""What can be heard on the page: an excerpt of every track, its pictures, and its level."""

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
from fxchain.report.content import Scene

#: So many scenes of a page can be heard, and all their audio together takes so many bytes.
MOST_SCENES = 6
MOST_BYTES = 3_400_000
LONGEST_SECONDS, SHORTEST_SECONDS = 60.0, 2.0
HIGHEST_RATE = 48_000
#: Tracks are brought to one loudness by at most this, the difference is lifted by at most this, dB.
MOST_MATCHING_DB, MOST_LIFT_DB = 40.0, 60.0
#: What is played peaks here at most; quiet pairs are lifted by at most this, dB.
LOUDEST, MOST_RAISE_DB = 0.9, 30.0
_PEAK = 0.999


@dataclass(frozen=True)
class Excerpt:
    """The part of a scene that is on the page.

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
        """Return how long it is, s."""
        return (self.end - self.start) / self.sample_rate


def choose_excerpt(scene: Scene, seconds: float, sample_rate: int) -> Excerpt:
    """Return a part of at most so many seconds, around the begin of the held-out part."""
    length = min(scene.length, max(1, round(seconds * sample_rate)))
    middle = scene.length if scene.held_out is None else scene.held_out[0]
    start = int(np.clip(middle - length // 2, 0, scene.length - length))
    if scene.held_out is None:
        start = 0
    return Excerpt(start, start + length, sample_rate)


@dataclass(frozen=True, eq=False)
class Voice:
    """One track on the page.

    Attributes:
        key: of the track; `difference` for what two tracks differ by
        label: what its button says
        file: the name of its file
        wave: points of its outline
        picture: its spectrogram, a data address
        matching_db: what brings it to the loudness of the reference
        lift_db: of the difference: what makes it as loud as the reference
        flac: what is decoded; None for the difference, which the page computes
        gain: what the decoded samples are multiplied by
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
class Listening:
    """A scene on the page.

    Attributes:
        scene: what it was made of
        excerpt: which part of it
        voices: its tracks, the difference last
        raise_db: what all of them are played louder by
    """

    scene: Scene
    excerpt: Excerpt
    voices: tuple[Voice, ...]
    raise_db: float

    @cached_property
    def held_out_seconds(self) -> tuple[float, float] | None:
        """Return where the held-out part begins and ends in the excerpt, s."""
        if self.scene.held_out is None:
            return None
        excerpt = self.excerpt
        ends = [np.clip(at, excerpt.start, excerpt.end) for at in self.scene.held_out]
        first, last = (float(at - excerpt.start) / excerpt.sample_rate for at in ends)
        return (first, last) if last > first else None

    def data(self) -> dict[str, Any]:
        """Return what the page's program reads."""
        compared = self.scene.compared
        return {
            "seconds": self.excerpt.seconds,
            "start": self.excerpt.start / self.excerpt.sample_rate,
            "raise_db": self.raise_db,
            "reference": self.scene.reference,
            "compared": None if compared is None else list(compared),
            "tracks": [
                {
                    "key": voice.key,
                    "label": voice.label,
                    "matching_db": voice.matching_db,
                    "lift_db": voice.lift_db,
                    "gain": voice.gain,
                    "flac": None if voice.flac is None else base64.b64encode(voice.flac).decode(),
                }
                for voice in self.voices
            ],
        }


def listen(scenes: Sequence[Scene], sample_rate: int) -> list[Listening]:
    """Return the first scenes with excerpts that fit into the page together."""
    heard = [(scene, sample_rate) for scene in scenes[:MOST_SCENES]]
    return fitting(heard, MOST_BYTES)


def fitting(scenes: Sequence[tuple[Scene, int]], most_bytes: float) -> list[Listening]:
    """Return scenes, each with its sample rate in Hz, in excerpts of so many bytes together."""
    return [_fitting(scene, rate, most_bytes / len(scenes)) for scene, rate in scenes]


def _fitting(scene: Scene, sample_rate: int, most_bytes: float) -> Listening:
    """Return the longest excerpt whose audio takes about, and no more than, so many bytes."""
    seconds = min(LONGEST_SECONDS, scene.length / sample_rate)
    brief = choose_excerpt(scene, SHORTEST_SECONDS, sample_rate)
    rate = _size(_encoded(scene, brief)) / brief.seconds  # bytes a second, roughly
    if rate * seconds > 1.5 * most_bytes:
        seconds = max(SHORTEST_SECONDS, 1.2 * most_bytes / rate)
    while True:
        excerpt = choose_excerpt(scene, seconds, sample_rate)
        encoded = _encoded(scene, excerpt)
        size = _size(encoded)
        if size <= most_bytes or excerpt.seconds <= SHORTEST_SECONDS:
            return _listening(scene, excerpt, encoded)
        seconds = max(SHORTEST_SECONDS, 0.97 * excerpt.seconds * most_bytes / size)


def _encoded(scene: Scene, excerpt: Excerpt) -> dict[str, tuple[bytes, float]]:
    part = slice(excerpt.start, excerpt.end)
    return {t.key: encode(t.samples[:, part], excerpt.sample_rate) for t in scene.tracks}


def _size(encoded: Mapping[str, tuple[bytes, float]]) -> float:
    """Return how many characters the tracks take in the page."""
    return sum(len(flac) for flac, _ in encoded.values()) * 4 / 3


def _listening(
    scene: Scene, excerpt: Excerpt, encoded: Mapping[str, tuple[bytes, float]]
) -> Listening:
    part, rate = slice(excerpt.start, excerpt.end), excerpt.sample_rate
    cut = {track.key: np.asarray(track.samples[:, part]) for track in scene.tracks}
    reference = cut[scene.reference]
    matching = {
        key: _limited(-loudness_difference(reference, samples, rate), MOST_MATCHING_DB)
        for key, samples in cut.items()
    }
    peaks = [_peak(samples) * 10 ** (matching[key] / 20) for key, samples in cut.items()]
    peaks += [_peak(samples) for samples in cut.values()]
    raise_db = min(MOST_RAISE_DB, 20.0 * float(np.log10(LOUDEST / max(*peaks, 1e-6))))
    loudest = float(spectrogram.levels_db(reference, rate).max())
    full_scale = max(_peak(s) * 10 ** (matching[k] / 20) for k, s in cut.items())
    voices = []
    for track in scene.tracks:
        samples, gain_db = cut[track.key], matching[track.key]
        pictures = _pictures(samples, rate, gain_db, full_scale, loudest)
        flac, gain = encoded[track.key]
        voices.append(
            Voice(track.key, track.label, track.file, *pictures, gain_db, 0.0, flac, gain)
        )
    if scene.compared is not None:
        first, second = (cut[key] for key in scene.compared)
        samples = first - second
        pictures = _pictures(samples, rate, 0.0, full_scale, loudest)
        lift = -loudness_difference(reference, samples, rate) if np.any(samples) else 0.0
        lift = float(np.clip(lift, 0.0, MOST_LIFT_DB))
        voices.append(Voice("difference", "Difference", "", *pictures, 0.0, lift, None, 1.0))
    return Listening(scene, excerpt, tuple(voices), raise_db)


def _pictures(
    samples: np.ndarray, sample_rate: int, gain_db: float, full_scale: float, loudest_db: float
) -> tuple[str, str]:
    """Return the outline of a wave and the spectrogram of it, at a level."""
    levels = spectrogram.levels_db(samples, sample_rate) + gain_db
    drawn = spectrogram.picture(levels, loudest_db)
    wave = waveform.outline(samples * np.float32(10 ** (gain_db / 20)), full_scale)
    return wave, png.data_uri(drawn, spectrogram.palette())


def encode(samples: np.ndarray, sample_rate: int) -> tuple[bytes, float]:
    """Return a recording as FLAC of 16 bits at full scale, and what undoes the scaling.

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
