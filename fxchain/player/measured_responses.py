"""Short measured responses, several in one asset, one after the other."""

from collections.abc import Iterator

import numpy as np

from fxchain.player.asset import Asset
from fxchain.player.playback import Playback

#: Length of each, s.
RESPONSE_SECONDS = 0.012


def responses_at(held: Asset, count: int, channels: int, sample_rate: float) -> np.ndarray:
    """Return responses at a sample rate, by sinc interpolation, (channels, count, taps there).

    Args:
        held: the responses; those that are missing are silent
        count: how many
        channels: at most so many are used
        sample_rate: Hz
    """
    taps = round(RESPONSE_SECONDS * held.sample_rate)
    whole = np.zeros((len(held.samples), count * taps))
    used = min(count * taps, held.samples.shape[1])
    whole[:, :used] = held.samples[:, :used]
    rows, ratio = whole.reshape(len(whole), count, taps)[:channels], held.sample_rate / sample_rate
    if ratio != 1.0:
        times = ratio * np.arange(int(np.ceil(taps / ratio)))[:, None] - np.arange(taps)
        rows = rows @ (min(ratio, 1.0) * np.sinc(times / max(ratio, 1.0))).T
    return np.ascontiguousarray(rows)


def filtered_blocks(
    audio: np.ndarray, responses: np.ndarray, playback: Playback, name: str
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield audio behind each response, block by block, by overlap-save.

    Args:
        audio: (channels, samples)
        responses: (channels, count, taps), or (1, count, taps) for all channels
        playback: its `state` keeps what the responses still hear of the past
        name: of that

    Yields:
        where a block begins, and (channels, count, samples of the block), float64
    """
    reach, size = responses.shape[2] - 1, 16_384
    while size < 8 * reach:
        size *= 2
    past = playback.state.get(name, np.zeros((len(audio), reach), np.float32))
    extended = np.concatenate([past, audio], axis=1)
    playback.state[name] = extended[:, extended.shape[1] - reach :]
    spectra = np.fft.rfft(responses, size)
    for begin in range(0, audio.shape[1], size - reach):
        block = extended[:, begin : begin + size]
        made = np.fft.irfft(np.fft.rfft(block, size)[:, None] * spectra, size)
        yield begin, made[:, :, reach : block.shape[1]]


def filtered_sum(
    signals: tuple[np.ndarray, ...], responses: np.ndarray, playback: Playback
) -> np.ndarray:
    """Return the sum of signals, each behind a response of its own, (channels, samples), float64.

    Args:
        signals: (channels, samples) each
        responses: (channels, signals, taps), or (1, signals, taps) for all channels
        playback: its `state` keeps what the responses still hear of the past
    """
    made = np.zeros(signals[0].shape)
    for number, signal in enumerate(signals):
        own = responses[:, number : number + 1]
        for begin, block in filtered_blocks(signal, own, playback, f"tail {number}"):
            made[:, begin : begin + block.shape[2]] += block[:, 0]
    return made
