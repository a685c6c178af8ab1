"""The cases of `hostile_recordings.py`: hidden chains of made and recorded sounds, and defects."""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from hostile_defects import (
    DEFECTS,
    DEVICE_SUBJECTS,
    RATE,
    SUBJECTS,
    Defect,
    Recordings,
    Rng,
    below_filters,
    delayed,
    gain,
)
from recorded_pairs import VARIABLE, data_folder, read_sources
from structure_cases import Case, hidden

from fxchain.data.signals import plucked_strings
from fxchain.data.structures import POOL, played
from fxchain.files.audio_input import Audio, read_audio, resample, to_channels

#: Changed when the same numbers begin to give other cases.
STREAM = 2
SECONDS = 5.0
MOST_EFFECTS, MOST_DEFECTS = 2, 3
MOST_LATENCY_SAMPLES = 400
INSTRUMENTS = ("guitar", "bass", "drums", "piano", "speech")


def drawn_defects(number: int) -> list[Defect]:
    """Draw one to three defects of different subjects, in the order they are applied."""
    rng = np.random.default_rng([STREAM, number, 1])
    found: list[Defect] = []
    for at in rng.permutation(len(DEFECTS)):
        if all(DEFECTS[at].subject != each.subject for each in found):
            found.append(DEFECTS[at])
    count = 1 + number % MOST_DEFECTS
    return sorted(found[:count], key=lambda each: SUBJECTS.index(each.subject))


def base(number: int) -> int:
    """Return the number of the clean pair of a case; cases with 1 to 3 defects share one."""
    return number // MOST_DEFECTS


def drawn_case(number: int) -> tuple[list[str], Recordings]:
    """Return one or two effects in any order, and a mono pair of them; the wet may be late."""
    number = base(number)
    rng = np.random.default_rng([STREAM, number, 2])
    drawn = rng.permutation(len(POOL))[: rng.integers(1, MOST_EFFECTS + 1)]
    kinds = [POOL[at] for at in drawn]
    dry, other = dry_recording(number, rng), dry_recording(number + 1, rng)
    chain = hidden(Case(number, "", Path(), tuple(kinds)), Audio(dry, RATE, "dry"))
    device = partial(played, chain, sample_rate=RATE)
    wet, late = device(dry), int(rng.integers(0, MOST_LATENCY_SAMPLES))
    return kinds, Recordings(dry, delayed(wet, late), dry, wet, other, device, late)


def control(pair: Recordings) -> Recordings:
    """Return a pair with nothing wrong: 1 dB quieter and a sample later."""
    quieter = replace(pair, late_samples=pair.late_samples + 1)
    return quieter.of_device(pair.dry, pair.target * gain(-1.0)).played_late()


def with_defects(pair: Recordings, number: int, defects: Sequence[Defect]) -> Recordings:
    """Return recordings with defects, those of the device before the latency."""
    rng = np.random.default_rng([STREAM, number, 3])
    split = sum(each.subject in DEVICE_SUBJECTS for each in defects)
    pair = pair.taken(wet=pair.target)
    for defect in defects[:split]:
        pair = defect.draw(pair, rng)
    pair = pair.played_late()
    for defect in defects[split:]:
        pair = defect.draw(pair, rng)
    return pair


def dry_recording(number: int, rng: Rng) -> np.ndarray:
    """Return plucked strings, drums, or 5 s of a recording of `FXCHAIN_DATA`, (1, samples)."""
    if number % 3 == 2 and os.environ.get(VARIABLE):
        kind = INSTRUMENTS[number // 3 % len(INSTRUMENTS)]
        audio = read_audio(read_sources(data_folder(), "dry", kind)[0].file)
        mono = resample(to_channels(audio, 1), RATE).samples
        begin = int(rng.integers(0, max(mono.shape[1] - round(SECONDS * RATE), 1)))
        return np.ascontiguousarray(mono[:, begin : begin + round(SECONDS * RATE)])
    return drums(rng) if number % 3 == 1 else plucked_strings(SECONDS, RATE, 1_000 + number)


def drums(rng: Rng) -> np.ndarray:
    """Return a drum kit in sixteenths, some left out, (1, samples)."""
    made = np.zeros(round(SECONDS * RATE))
    time = np.arange(round(0.3 * RATE)) / RATE
    for beat, start in enumerate(np.arange(0.05, SECONDS - 0.35, 0.125)):
        noise = rng.normal(size=len(time))
        if beat % 4 == 0:
            hit = np.sin(2 * np.pi * (50 * time - 3 * np.exp(-30 * time))) * np.exp(-14 * time)
        elif beat % 4 == 2:
            hit = 0.6 * noise * np.exp(-25 * time)
        else:
            hit = 0.4 * np.diff(noise, prepend=0.0) * np.exp(-60 * time)
        if rng.uniform() < 0.7:
            at = round(start * RATE) + int(rng.integers(0, 200))
            made[at : at + len(time)] += rng.uniform(0.5, 1.0) * hit
    heard = below_filters(made[None])
    return (0.5 * heard / np.abs(heard).max()).astype(np.float32)
