"""Audio of any length through a board, in blocks of one size."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

BLOCK_SAMPLES = 65_536
SMALLEST_BLOCK = 64  # pedalboard cannot tell channels from samples in smaller ones


def play(board: Any, blocks: Iterable[np.ndarray], sample_rate: float) -> Iterator[np.ndarray]:
    """Play blocks as one signal: the board is reset first, then its state is carried over.

    pedalboard needs every block to be as large as the first, so the last one, which may be
    shorter, is filled up with silence and cut again. A board with a stage that plays recordings
    whole gets all blocks at once.

    Args:
        board: a Pedalboard, or what is called as one
        blocks: (channels, samples) each, all of one size (64 samples or more) but the last
        sample_rate: Hz
    """
    board.reset()
    size, ended = 0, False
    if getattr(board, "whole", False):
        audio = np.concatenate(list(blocks), axis=1, dtype=np.float32)
        missing = max(SMALLEST_BLOCK - audio.shape[1], 0)
        padded = np.pad(audio, ((0, 0), (0, missing)))
        yield board(padded, sample_rate, reset=True)[:, : audio.shape[1]]
        return
    for block in blocks:
        size = size or max(block.shape[1], SMALLEST_BLOCK)
        if ended or block.shape[1] > size:
            raise ValueError(f"only the last block may differ from {size} samples, and be shorter")
        ended = block.shape[1] < size
        whole = np.zeros((block.shape[0], size), dtype=np.float32)
        whole[:, : block.shape[1]] = block
        yield board(whole, sample_rate, reset=False)[:, : block.shape[1]]


def render_file(build: Callable[[float], Any], source: str | Path, target: str | Path) -> None:
    """Play a file of any length into a 32-bit float WAV file, which appears when it is complete.

    Args:
        build: gives the board for a sample rate in Hz
        source: an audio file
        target: the WAV file; one of this name is replaced
    """
    target = Path(target)
    if target.is_dir():
        raise ValueError(f"{target} is a folder; give the name of a file")
    if target.exists() and os.path.samefile(source, target):
        raise ValueError(f"{target} is the input; choose another name for the output")
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    try:
        with soundfile.SoundFile(source) as reader:
            if reader.frames == 0:
                raise ValueError(f"{source} has no samples in it")
            board = build(reader.samplerate)
            channels = output_channels(board, reader.channels)
            large = reader.frames * channels * 4 > 2**32 - 2**16
            with soundfile.SoundFile(
                partial,
                "w",
                samplerate=reader.samplerate,
                channels=channels,
                format="RF64" if large else "WAV",
                subtype="FLOAT",
            ) as writer:
                for played in play(board, read_blocks(reader), reader.samplerate):
                    writer.write(played.T)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)


def output_channels(board: Any, channels: int) -> int:
    """Return how many channels a board makes of a recording of so many."""
    counted = getattr(board, "output_channels", None)
    return channels if counted is None else int(counted(channels))


def read_blocks(file: soundfile.SoundFile) -> Iterator[np.ndarray]:
    """Yield an open file as blocks of (channels, samples)."""
    for frames in file.blocks(BLOCK_SAMPLES, dtype="float32", always_2d=True):
        if not np.isfinite(frames).all():
            raise ValueError(f"{file.name} has samples that are not finite")
        yield np.ascontiguousarray(frames.T)


def run(build: Callable[[float], Any], arguments: list[str]) -> int:
    """Play IN into OUT as the command line says; return the exit code."""
    if len(arguments) != 2:
        print("usage: python board.py IN OUT", file=sys.stderr)
        return 2
    try:
        render_file(build, *arguments)
    except (OSError, RuntimeError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
