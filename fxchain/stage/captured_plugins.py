"""Linear plugins in series: played, captured, kept, and differentiated by differences.

A series is captured as a whole. The product of two captured responses would be longer than
either, and its end would wrap round in an FFT that is long enough for one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pedalboard
import torch
from torch import Tensor

from fxchain.dsp.capture import capture_each, play_each
from fxchain.errors import PluginError
from fxchain.parameter import ParameterSpec
from fxchain.player import Asset, Playback, Series
from fxchain.primitives import Primitive

#: Length of a difference, as a share of a control's range.
STEP = 1e-3

Row = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class CapturedPlugin:
    """A primitive whose gradient is `"signal"`, with its assets.

    Two are equal when they sound the same at equal values, which makes them keys of a cache.
    """

    primitive: Primitive
    assets: Mapping[str, Asset]

    def __hash__(self) -> int:
        return hash((self.primitive.kind, *map(id, self.assets.values())))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, CapturedPlugin)
            and self.primitive.kind == other.primitive.kind
            and self.primitive.hosted == other.primitive.hosted
            and self.assets == other.assets
        )

    def plugin(self, sample_rate: float, values: Sequence[float]) -> Any:
        """Return the plugin with its values."""
        specs = self.primitive.parameters
        named = {s.name: float(v) for s, v in zip(specs, values, strict=True)}
        if self.primitive.plugin is None:
            raise ValueError(f"{self.primitive.kind} has no plugin to capture")
        return self.primitive.plugin(Playback(sample_rate, assets=self.assets), **named)


@dataclass(frozen=True)
class Format:
    """The audio a response is captured for."""

    channels: int
    samples: int
    sample_rate: float


@dataclass(frozen=True, eq=False)
class CapturedPlugins:
    """Linear plugins in series, with their values.

    Attributes:
        series: the plugins
        values: (batch, size), those of all plugins
        format: of the audio
        dtype: complex type of the responses
    """

    series: tuple[CapturedPlugin, ...]
    values: Tensor
    format: Format
    dtype: torch.dtype

    def followed_by(self, other: "CapturedPlugins") -> "CapturedPlugins":
        """Return one series of both."""
        batch = max(len(self.values), len(other.values))
        both = [self.values.expand(batch, -1), other.values.expand(batch, -1)]
        series = (*self.series, *other.series)
        return CapturedPlugins(series, torch.cat(both, dim=1), self.format, self.dtype)

    def play(self, audio: Tensor) -> Tensor:
        """Play (batch, channels, time) float32 audio with the plugins themselves."""
        rows, signals = self._rows(), audio.detach().numpy()
        batch = len(rows) if len(signals) == 1 else len(signals)
        rate = self.format.sample_rate
        boards = [_board(self.series, rows[i % len(rows)], rate) for i in range(batch)]
        played = play_each(boards, [signals[i % len(signals)] for i in range(batch)], rate)
        return torch.from_numpy(np.stack(played))

    def spectrum(self, n_fft: int) -> Tensor:
        """Return (batch, channels, bins) or, when channels mix, (batch, out, in, bins)."""
        kept = [_kept(self.series, row, self.format, n_fft) for row in self._rows()]
        return torch.stack(kept).to(self.dtype)

    def slopes(self, n_fft: int, indices: Sequence[int]) -> list[Tensor]:
        """Return the derivatives of the response by some values.

        A difference within the value's range, as long as can be where the response is affine in
        the value. All are transformed at once, which takes a fraction of the time.

        Returns:
            each as `spectrum`, batch of one, per unit of the value
        """
        if not indices:
            return []
        differences = [self._difference(index) for index in indices]
        played = _impulses(
            self.series, [row for rows, _ in differences for row in rows], self.format
        )
        slopes = [
            (played[2 * at + 1] - played[2 * at]) / np.float32(length)
            for at, (_, length) in enumerate(differences)
        ]
        found = torch.from_numpy(np.stack(slopes))
        spectra = torch.fft.rfft(found.to(self.dtype.to_real()), n=n_fft)
        return [each[None] for each in spectra]

    def _difference(self, index: int) -> tuple[tuple[Row, Row], float]:
        """Return the values at both ends of a difference, and how far they are apart."""
        (spec, affine), row = self._specs()[index], self._rows()[0]
        position = spec.normalize(row[index])
        ends = np.clip([position - STEP, position + STEP], 0.0, 1.0).tolist()
        if affine:
            ends = [position, 0.0 if position > 0.5 else 1.0]
        at = [float(spec.denormalize(torch.tensor(end, dtype=torch.float64))) for end in ends]
        if affine:
            at[0] = row[index]
        one, other = ((*row[:index], value, *row[index + 1 :]) for value in at)
        return (one, other), at[1] - at[0]

    def _rows(self) -> list[Row]:
        return [tuple(row) for row in self.values.detach().double().tolist()]

    def _specs(self) -> list[tuple[ParameterSpec, bool]]:
        """Return the controls, and whether the response is an affine function of each."""
        primitives = [device.primitive for device in self.series]
        return [(spec, spec.name in p.affine) for p in primitives for spec in p.parameters]


def _board(series: tuple[CapturedPlugin, ...], row: Row, sample_rate: float) -> Any:
    plugins: list[Any] = []
    start = 0
    for device in series:
        end = start + len(device.primitive.parameters)
        plugins.append(device.plugin(sample_rate, row[start:end]))
        start = end
    if len(plugins) == 1 and series[0].primitive.hosted:
        return plugins[0]
    external = any(device.primitive.hosted for device in series)
    return Series(plugins) if external else pedalboard.Chain(plugins)


def _impulses(
    series: tuple[CapturedPlugin, ...], rows: Sequence[Row], audio_format: Format
) -> list[np.ndarray]:
    """Return the responses of a series at several rows of values; those of equal rows are one."""
    distinct = list(dict.fromkeys(rows))
    boards = [_board(series, row, audio_format.sample_rate) for row in distinct]
    cross_channel = any(device.primitive.cross_channel for device in series)
    channels, samples = audio_format.channels, audio_format.samples
    try:
        captured = capture_each(
            boards, channels, samples, audio_format.sample_rate, cross_channel=cross_channel
        )
    except PluginError:  # it hung or crashed with these values
        mixed = cross_channel and channels > 1
        shape = (channels,) * (2 if mixed else 1) + (samples,)
        captured = [np.full(shape, np.nan, np.float32)] * len(distinct)
    found = dict(zip(distinct, captured, strict=True))
    return [found[row] for row in rows]


@lru_cache(maxsize=12)
def _impulse(series: tuple[CapturedPlugin, ...], row: Row, audio_format: Format) -> np.ndarray:
    return _impulses(series, [row], audio_format)[0]


@lru_cache(maxsize=12)
def _kept(series: tuple[CapturedPlugin, ...], row: Row, audio_format: Format, n_fft: int) -> Tensor:
    return torch.fft.rfft(torch.from_numpy(_impulse(series, row, audio_format)), n=n_fft)
