"""A preset or a trained network and audio in, audio out; files of any length in little memory."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from fxchain.errors import ParameterError
from fxchain.files.audio_input import from_array, open_audio
from fxchain.files.audio_output import check_audio_target, create_audio
from fxchain.player import BLOCK_SAMPLES, output_channels, play

#: Seconds to render after the end, or until the output is inaudible.
Tail = float | Literal["auto"]

LONGEST_TAIL_SECONDS = 3_600.0
LONGEST_AUTOMATIC_TAIL_SECONDS = 30.0
#: Below this share of the peak (−80 dB) the output is inaudible …
INAUDIBLE = 1e-4
#: … when it stays there for longer than two delays in a row can pause.
PAUSE_SECONDS = 5.0


class Playable(Protocol):
    """What audio can be played through: a preset, or a trained network."""

    def board(self, sample_rate: float) -> Any:
        """Return what is called with audio as a Pedalboard is, for a sample rate in Hz."""
        ...


def render(
    preset: Playable, audio: np.ndarray, sample_rate: float, tail_seconds: Tail = 0.0
) -> np.ndarray:
    """Play audio through a preset.

    Args:
        preset: what to play it through
        audio: (samples,) or (channels, samples) floating-point numbers
        sample_rate: Hz
        tail_seconds: how long to go on after the end, s; `"auto"` until the output has stayed
            80 dB below its peak, 30 s at most

    Returns:
        (channels, samples) float32

    Raises:
        AudioError: the audio cannot be used.
        ParameterError: the tail is no duration.
    """
    checked = from_array(audio, sample_rate)
    rate = checked.sample_rate
    starts = range(0, checked.length, BLOCK_SAMPLES)
    blocks = (checked.samples[:, start : start + BLOCK_SAMPLES] for start in starts)
    return np.concatenate(list(_rendered(preset, blocks, rate, tail_seconds)), axis=1)


def render_file(
    preset: Playable,
    source: str | Path,
    target: str | Path,
    tail_seconds: Tail = 0.0,
    force: bool = False,
    notice: Callable[[str], None] | None = None,
) -> int:
    """Play a file of any length through a preset into another, which appears when complete.

    Args:
        preset: what to play it through
        source: an audio file
        target: the file to write; its extension chooses the format, a WAV holds 32-bit floats
        tail_seconds: as `render` says
        force: overwrite a file that exists
        notice: called with each sentence about what is odd about the source

    Returns:
        the sample rate of both, Hz

    Raises:
        AudioError: the source cannot be used.
        OutputError: the target cannot be written.
        ParameterError: the tail is no duration.
    """
    check_audio_target(target, force)
    with open_audio(source) as reader:
        rate = reader.sample_rate
        if notice is not None:
            for note in reader.notes:
                notice(f"{reader.name}: {note}")
        channels = output_channels(preset.board(rate), reader.channels)
        rendered = _rendered(preset, reader.blocks(BLOCK_SAMPLES), rate, tail_seconds)
        with create_audio(target, rate, channels, force) as writer:
            for block in rendered:
                writer.write(block)
    return rate


def check_tail(tail_seconds: Tail) -> None:
    """Refuse a tail that is no duration.

    Raises:
        ParameterError: not finite, negative, or longer than an hour.
    """
    if tail_seconds == "auto":
        return
    if not math.isfinite(tail_seconds) or not 0.0 <= tail_seconds <= LONGEST_TAIL_SECONDS:
        raise ParameterError(
            f"the tail of {tail_seconds:g} s is outside [0, {LONGEST_TAIL_SECONDS:g}] s; "
            "give seconds, or auto"
        )


def _rendered(
    preset: Playable, blocks: Iterable[np.ndarray], sample_rate: int, tail_seconds: Tail
) -> Iterator[np.ndarray]:
    """Yield the output, block by block."""
    check_tail(tail_seconds)
    automatic = tail_seconds == "auto"
    seconds = LONGEST_AUTOMATIC_TAIL_SECONDS if tail_seconds == "auto" else tail_seconds
    source = _Lengthened(blocks, round(seconds * sample_rate))
    played = play(preset.board(sample_rate), source, sample_rate)
    return _until_inaudible(played, source, sample_rate) if automatic else played


@dataclass
class _Lengthened:
    """Blocks of one size and silence after them, in blocks of the same size.

    Attributes:
        blocks: (channels, samples) each, of one size but the last
        silence: samples to add
        length: samples of the blocks read so far, silence not counted
    """

    blocks: Iterable[np.ndarray]
    silence: int
    length: int = 0

    def __iter__(self) -> Iterator[np.ndarray]:
        left = self.silence
        size = 0
        for block in self.blocks:
            self.length += block.shape[1]
            size = size or (block.shape[1] if left == 0 else max(block.shape[1], BLOCK_SAMPLES))
            room = min(size - block.shape[1], left)
            left -= room
            yield np.pad(block, ((0, 0), (0, room))) if room else block
            channels = block.shape[0]
        while left > 0:
            yield np.zeros((channels, min(size, left)), dtype=np.float32)
            left -= min(size, left)


def _until_inaudible(
    played: Iterable[np.ndarray], source: _Lengthened, sample_rate: int
) -> Iterator[np.ndarray]:
    """Yield the output up to the last audible sample, the source's length at least."""
    pause = round(PAUSE_SECONDS * sample_rate)
    waiting: list[np.ndarray] = []
    position, peak = 0, 0.0
    for block in played:
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
        audible = np.flatnonzero(np.abs(block).max(axis=0) > INAUDIBLE * peak)
        last = int(audible[-1]) + 1 if len(audible) else 0
        kept = max(last, min(source.length - position, block.shape[1]))
        position += block.shape[1]
        if kept > 0:
            yield from (*waiting, block[:, :kept])
            waiting = []
        waiting.append(block[:, max(kept, 0) :])
        if sum(part.shape[1] for part in waiting) >= pause:
            return
