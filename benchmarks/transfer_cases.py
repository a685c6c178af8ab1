"""The cases of `transfer.py`: a raw recording, a reference, and the expected result.

Two clips are processed by the same hidden chain. The system gets the first clip raw and the second
one processed; the first one processed is the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from recorded_pairs import data_folder, read_sources

from fxchain.data.presets import HIDDEN_RANGES, hidden_rng
from fxchain.files.audio_input import Audio, read_audio, to_channels
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.render import render
from fxchain.stage import Chain, Effect

RELATIONS = ("section", "kin", "other")
#: Longest clip, s, and peak before the hidden chain, as in DeepAFx-ST.
CLIP_SECONDS = 8.0
PEAK_DBFS = -12.0
#: A clip is at most so much quieter than the loudest clip of its recording, dB.
QUIET_DB = 12.0

_EQUALIZER = ("low_shelf_filter", *("peak_filter",) * 3, "high_shelf_filter")
#: The hidden chains, in the order of their rotation.
CHAINS: dict[str, tuple[str, ...]] = {
    "eq+comp": (*_EQUALIZER, "compressor", "gain"),
    "eq+drive+comp": (*_EQUALIZER, "distortion", "compressor", "gain"),
    "eq+drive+comp+reverb": (*_EQUALIZER, "distortion", "compressor", "gain", "reverb"),
}
#: Kinds of source, by prefixes of the kind in sources.csv.
KIN: dict[str, tuple[str, ...]] = {
    "guitar": ("guitar", "acoustic guitar"),
    "drums": ("drums", "drum loop"),
    "speech": ("speech",),
    "bass": ("bass",),
    "piano": ("piano",),
    "music": ("finished music", "orchestra"),
}
_WITH_KIN = ("guitar", "drums", "speech")


@dataclass(frozen=True, eq=False)
class Case:
    """One hidden chain, its inputs and the expected result.

    Attributes:
        name: number, relation, kinds of source and chain
        relation: one of `RELATIONS`
        chain: one of `CHAINS`
        raw: the first clip
        reference: the second clip through the hidden chain
        truth: the first clip through the hidden chain
        hidden: the chain
    """

    name: str
    relation: str
    chain: str
    raw: Audio
    reference: Audio
    truth: Audio
    hidden: Preset


def make_case(number: int, seed: int) -> Case:
    """Draw a case; relations and hidden chains rotate.

    Args:
        number: from 0
        seed: another seed draws other clips and other chains
    """
    rng = np.random.default_rng([seed, number])
    relation = RELATIONS[number % len(RELATIONS)]
    chain = tuple(CHAINS)[number // len(RELATIONS) % len(CHAINS)]
    first, second, kinds = _clips(relation, rng)
    hidden = _hidden(chain, first.sample_rate, hidden_rng([seed, number]))
    return Case(
        name=f"{number:02d} {relation} {kinds} {chain}",
        relation=relation,
        chain=chain,
        raw=first,
        reference=_played(hidden, second),
        truth=_played(hidden, first),
        hidden=hidden,
    )


def raw_second(number: int, seed: int) -> Audio:
    """Return the second clip of a case before the hidden chain."""
    rng = np.random.default_rng([seed, number])
    return _clips(RELATIONS[number % len(RELATIONS)], rng)[1]


def _hidden(name: str, sample_rate: int, rng: np.random.Generator) -> Preset:
    """Draw the settings of a chain."""
    chain = Chain(tuple(Effect(get_primitive(kind)) for kind in CHAINS[name]))
    values = []
    for slot in chain.slots():
        low, high = HIDDEN_RANGES[slot.kind][slot.spec.name]
        if slot.spec.scale == "log":
            values.append(float(np.exp(rng.uniform(np.log(low), np.log(high)))))
        else:
            values.append(float(rng.uniform(low, high)))
    return Preset(chain, np.array(values), sample_rate)


def _played(hidden: Preset, clip: Audio) -> Audio:
    samples = render(hidden, clip.samples, clip.sample_rate)
    return Audio(samples, clip.sample_rate, f"{clip.name}, processed")


def _clips(relation: str, rng: np.random.Generator) -> tuple[Audio, Audio, str]:
    """Return two raw clips and their kinds of source."""
    if relation == "section":
        kind = str(rng.choice(list(KIN)))
        file = _choose(_files(kind), rng)
        first, second = _sections(file, rng)
        return first, second, kind
    if relation == "kin":
        kind = str(rng.choice(_WITH_KIN))
        pair = [_files(kind)[at] for at in rng.permutation(len(_files(kind)))[:2]]
        return _clip(pair[0], rng), _clip(pair[1], rng), kind
    kinds = [str(kind) for kind in rng.permutation(list(KIN))[:2]]
    first, second = (_clip(_choose(_files(kind), rng), rng) for kind in kinds)
    return first, second, "→".join(kinds)


@cache
def _files(kind: str) -> Sequence[Path]:
    """Return the recordings of a kind."""
    found = [
        source.file
        for begins in KIN[kind]
        for role in ("dry", "style ref")
        for source in read_sources(data_folder(), role, begins)
        if not source.kind.startswith("drums+bass")
    ]
    return tuple(dict.fromkeys(found))


def _choose(files: Sequence[Path], rng: np.random.Generator) -> Path:
    return files[int(rng.integers(len(files)))]


@cache
def _mono(file: Path) -> Audio:
    return to_channels(read_audio(file), 1)


def _sections(file: Path, rng: np.random.Generator) -> tuple[Audio, Audio]:
    """Return two sections of a recording that do not overlap, in either order."""
    audio = _mono(file)
    half = audio.length // 2
    halves = [audio.samples[:, :half], audio.samples[:, half:]]
    parts = [_part(each, audio, rng) for each in halves]
    first, second = (parts[at] for at in rng.permutation(2))
    return first, second


def _clip(file: Path, rng: np.random.Generator) -> Audio:
    audio = _mono(file)
    return _part(audio.samples, audio, rng)


def _part(samples: np.ndarray, audio: Audio, rng: np.random.Generator) -> Audio:
    """Draw a part of (1, samples), at most QUIET_DB below the loudest one."""
    length = min(round(CLIP_SECONDS * audio.sample_rate), samples.shape[1])
    starts = np.arange(0, samples.shape[1] - length + 1, audio.sample_rate // 4)
    power = np.concatenate([[0.0], np.cumsum(samples[0].astype(np.float64) ** 2)])
    energies = power[starts + length] - power[starts]
    loud = starts[energies >= energies.max() * 10.0 ** (-QUIET_DB / 10.0)]
    start = int(rng.choice(loud))
    clip = samples[:, start : start + length]
    scaled = clip * (10.0 ** (PEAK_DBFS / 20.0) / np.abs(clip).max())
    return Audio(scaled.astype(np.float32), audio.sample_rate, audio.name)
