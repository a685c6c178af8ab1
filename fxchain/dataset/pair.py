"""One pair of a data set: a dry, a chain drawn for it, and what the chain makes of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fxchain.data.presets import hidden_rng
from fxchain.data.structures import played, random_kinds, random_structure
from fxchain.dataset.dry import Dry, made_dry, recorded_dry
from fxchain.dataset.options import DatasetOptions
from fxchain.dataset.pair_files import PairFiles
from fxchain.dataset.sources import Source
from fxchain.dataset.splits import split_of_pair
from fxchain.files.audio_input import read_audio
from fxchain.files.audio_output import write_audio
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.stage import Chain, Effect
from fxchain.structure.boxes import Box, boxes
from fxchain.structure.candidate import Candidate

#: Changed when the same numbers begin to give other pairs.
GENERATOR = 1
#: The key of the label in the metadata of a preset.
LABEL = "dataset"
#: One in so many chains has effects beside the clean signal.
PARALLEL_SHARE = 0.25
#: A wet above the first or, in the root mean square, below the second gets a gain behind its
#: chain, dBFS: neither clipping nor the rounding of 24 bits is then part of any pair.
_HIGHEST_PEAK_DBFS, _LOWEST_RMS_DBFS = -0.1, -50.0
_AUDITION_SECONDS = 1.0


@dataclass(frozen=True)
class PairMaker:
    """Makes the pairs of a data set, each from its number alone.

    Attributes:
        folder: of the data set
        options: what it is made of
        source_folder: of recordings; None: signals are made
        sources: the recordings
    """

    folder: str
    options: DatasetOptions
    source_folder: str | None
    sources: tuple[Source, ...]

    def make(self, number: int) -> None:
        """Write the files of a pair, the preset last; equal numbers give equal bytes.

        Args:
            number: of the pair, counted from 0

        Raises:
            AudioError: a source cannot be used.
            OutputError: a file cannot be written.
        """
        folder, options = Path(self.folder), self.options
        files = PairFiles.of(number, options.audio_format)
        (folder / files.preset).parent.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng([GENERATOR, options.seed, number])
        sample_rate = options.sample_rates[int(rng.integers(len(options.sample_rates)))]
        split = split_of_pair(number, options.shares)
        dry = self._dry(rng, split, sample_rate)
        write_audio(folder / files.dry, dry.samples, sample_rate, force=True)
        stored = read_audio(folder / files.dry).samples  # rounded as in the file

        candidate, least_db = _drawn(stored, sample_rate, options.seed, number)
        candidate, wet = _within_range(candidate, stored, sample_rate)
        write_audio(folder / files.wet, wet, sample_rate, force=True)
        label = {
            "id": files.id,
            "split": split,
            "dry": files.dry,
            "wet": files.wet,
            "preset": files.preset,
            "chain": chain_text(boxes(candidate.stage, candidate.values)),
            "controls": candidate.stage.size,
            "least_effect_change_db": round(least_db, 2),
            "source": dry.source,
            "source_start_seconds": round(dry.start_seconds, 6),
            "sample_rate": sample_rate,
            "seconds": stored.shape[1] / sample_rate,
            "dry_peak_dbfs": _decibels(np.abs(stored).max()),
            "dry_rms_dbfs": _decibels(_rms(stored)),
            "wet_peak_dbfs": _decibels(np.abs(wet).max()),
            "wet_rms_dbfs": _decibels(_rms(wet)),
        }
        preset = Preset(candidate.stage, candidate.values, sample_rate, {LABEL: label})
        preset.save(folder / files.preset, force=True)

    def _dry(self, rng: np.random.Generator, split: str, sample_rate: int) -> Dry:
        """Return the dry of a pair of a split; longer recordings are cut from more often."""
        if self.source_folder is None:
            return made_dry(rng, self.options.seconds, sample_rate)
        found = [source for source in self.sources if source.split == split]
        seconds = np.array([source.seconds for source in found])
        source = found[int(rng.choice(len(found), p=seconds / seconds.sum()))]
        folder = Path(self.source_folder)
        return recorded_dry(rng, folder, source, self.options.seconds, sample_rate)


def chain_text(drawn: tuple[Box, ...]) -> str:
    """Return a chain in one line, as in `equalizer > (clean + distortion) > reverb`."""
    texts = []
    for box in drawn:
        if box.branches:
            branches = [chain_text(branch.boxes) or "clean" for branch in box.branches]
            texts.append(f"({' + '.join(branches)})")
        else:
            texts.append(box.kind)
    return " > ".join(texts)


def _drawn(audio: np.ndarray, sample_rate: int, seed: int, number: int) -> tuple[Candidate, float]:
    """Draw a chain by the loudest second of a dry, so that each of its effects is heard there."""
    rng = hidden_rng([GENERATOR, seed, number])
    kinds, inside = random_kinds(rng, parallel=rng.random() < PARALLEL_SHARE)
    part = _loudest(audio, round(_AUDITION_SECONDS * sample_rate))
    return random_structure(rng, part, sample_rate, kinds, inside)


def _loudest(audio: np.ndarray, size: int) -> np.ndarray:
    """Return the part with the most energy of those that begin at quarters of its size."""
    energy = np.concatenate([[0.0], np.cumsum(np.square(audio[0], dtype=np.float64))])
    starts = np.arange(0, max(1, audio.shape[1] - size + 1), size // 4)
    ends = np.minimum(starts + size, audio.shape[1])
    start = int(starts[np.argmax(energy[ends] - energy[starts])])
    return audio[:, start : start + size]


def _within_range(
    candidate: Candidate, audio: np.ndarray, sample_rate: int
) -> tuple[Candidate, np.ndarray]:
    """Return a chain with a gain behind it where its output is out of range, and its output."""
    wet = played(candidate, audio, sample_rate)
    gain_db = min(0.0, _HIGHEST_PEAK_DBFS - _decibels(np.abs(wet).max()))
    if (rms_db := _decibels(_rms(wet))) < _LOWEST_RMS_DBFS:
        gain_db = min(_LOWEST_RMS_DBFS - rms_db, -_decibels(np.abs(wet).max()), 40.0)
    if gain_db == 0.0:
        return candidate, wet
    stage = Chain((candidate.stage, Effect(get_primitive("gain"))))
    values = np.append(candidate.values, gain_db)
    levelled = Candidate(stage, values, np.ones(len(values), dtype=bool))
    return levelled, played(levelled, audio, sample_rate)


def _rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def _decibels(amplitude: Any) -> float:
    return round(20.0 * float(np.log10(max(float(amplitude), 1e-10))), 3)
