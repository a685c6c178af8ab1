"""The pictures of an effect, chosen by the facts of its primitive."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from fxchain.preset.effects import Placed
from fxchain.report.curves import (
    STATIC_DB,
    decay_times,
    decibels,
    envelope_db,
    filter_response,
    impulse_response,
    static_curve,
    transfer,
)
from fxchain.report.svg import Axis, Plot, frequency_axis
from fxchain.report.taps import Tap

#: Filters whose level varies less than this are not drawn, dB.
FLAT_DB = 0.01
_CURVE_POINTS = 220
_LONGEST_RESPONSE_SECONDS = 8.0
_FLOOR_DB = -60.0
#: A response of at most this many pulses is drawn as single echoes.
MOST_ECHOES = 120
#: Length of the direct sound after an impulse, s.
_DIRECT_SECONDS = 0.002


@dataclass(frozen=True)
class Picture:
    """A drawing with its caption.

    Attributes:
        drawing: SVG
        caption: its main figures
        legend: (style, words) of its lines
    """

    drawing: Markup
    caption: str
    legend: tuple[tuple[str, str], ...] = ()


def equalizer_picture(filters: Sequence[Placed], sample_rate: int) -> Picture | None:
    """Draw the frequency responses of filters in series, and their total; None if all are flat."""
    x = frequency_axis(sample_rate)
    frequencies = np.geomspace(x.low, min(x.high, 0.499 * sample_rate), _CURVE_POINTS)
    each = [
        decibels(filter_response(one.effect, one.values, frequencies, sample_rate))
        for one in filters
    ]
    if not each or max(float(np.ptp(curve)) for curve in each) < FLAT_DB:
        return None
    total = np.sum(each, axis=0)
    reach = min(48.0, max(6.0, float(np.max(np.abs(np.clip([*each, total], -48, 48)))) * 1.1))
    plot = Plot(x, Axis("level, dB", -reach, reach), "Equalizer: level over frequency")
    plot.line([x.low, x.high], [0.0, 0.0], "zero")
    for curve in each if len(each) > 1 else ():
        plot.line(frequencies, curve, "thin")
    plot.line(frequencies, total, "strong")
    legend = (("strong", "all together"), ("thin", "single filters"))
    caption = f"from {total.min():+.1f} to {total.max():+.1f} dB"
    return Picture(plot.svg(), caption, legend if len(each) > 1 else legend[:1])


def effect_pictures(placed: Placed, tap: Tap | None, sample_rate: int) -> list[Picture]:
    """Draw the pictures of one effect.

    Args:
        placed: the effect, its values and place
        tap: its input and output; None: unknown
        sample_rate: Hz
    """
    primitive = placed.effect.primitive
    if primitive.sections is not None:
        picture = equalizer_picture([placed], sample_rate)
        return [] if picture is None else [picture]
    if primitive.gradient == "signal":
        return _response_pictures(placed, sample_rate)
    if primitive.process is None:
        return []
    if primitive.memoryless:
        return [_transfer_picture(placed, tap)]
    return [_static_picture(placed, tap), *_gain_pictures(tap)]


def _transfer_picture(placed: Placed, tap: Tap | None) -> Picture:
    """Draw output over input, and how often each input occurs."""
    samples = np.zeros((1, 1)) if tap is None else tap.input
    reach = float(np.clip(np.quantile(np.abs(samples), 0.9995) * 1.2, 1e-4, 1e4)) or 1.0
    inputs = np.linspace(-reach, reach, 241)
    outputs = transfer(placed.effect, placed.values, inputs)
    high = max(float(np.max(np.abs(outputs))) * 1.1, 1e-6)
    plot = Plot(
        Axis("input, full scale 1", -reach, reach),
        Axis("output", -high, high),
        f"{placed.effect.primitive.kind}: output over input, with how often each input occurs",
    )
    if tap is not None and np.any(samples):
        counts, edges = np.histogram(samples, bins=80, range=(-reach, reach))
        # Most samples are near zero: the square root makes the rare loud ones visible.
        heights = np.sqrt(counts / max(counts.max(), 1))
        plot.bars(edges[:-1], edges[1:], heights * 1.6 * high - high)
    slope = (outputs[121] - outputs[119]) / (inputs[121] - inputs[119])
    plot.line([-reach, reach], [-reach * slope, reach * slope], "zero")
    plot.line(inputs, outputs, "strong")
    legend = (
        ("strong", "transfer curve"),
        ("zero", "gain of soft sounds"),
        ("bar", "how often (root)"),
    )
    return Picture(plot.svg(), _saturation(outputs, inputs, slope), legend)


def _saturation(outputs: np.ndarray, inputs: np.ndarray, slope: float) -> str:
    """Return a sentence about the compression of the loudest samples."""
    straight = abs(slope * inputs[-1])
    held = 20.0 * np.log10(max(straight, 1e-12) / max(abs(float(outputs[-1])), 1e-12))
    return f"the loudest samples are held back by {held:.1f} dB"


def _static_picture(placed: Placed, tap: Tap | None) -> Picture:
    """Draw the level out over a steady level in."""
    out = static_curve(placed.effect, placed.values)
    low, high = float(STATIC_DB[0]), float(STATIC_DB[-1])
    top = max(high, float(np.max(out)))
    plot = Plot(
        Axis("level in, dBFS", low, high),
        Axis("level out, dBFS", low, top),
        f"{placed.effect.primitive.kind}: level out over level in",
    )
    if tap is not None and np.any(tap.input):
        levels = _levels_db(tap.input, tap.sample_rate)
        counts, edges = np.histogram(levels, bins=40, range=(low, high))
        heights = low + 0.6 * (top - low) * counts / max(counts.max(), 1)
        plot.bars(edges[:-1], edges[1:], heights)
    plot.line([low, high], [low, high], "zero")
    plot.line(STATIC_DB, out, "strong")
    legend = (("strong", "static curve"), ("zero", "unchanged"), ("bar", "how often"))
    return Picture(plot.svg(), "steady levels", legend)


def _levels_db(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the level of every 10 ms, dBFS."""
    size = max(1, round(0.01 * sample_rate))
    parts = np.abs(audio[:, : audio.shape[1] // size * size]).reshape(len(audio), -1, size)
    return decibels(np.sqrt(np.mean(np.square(parts, dtype=np.float64), axis=(0, 2))))


def _gain_pictures(tap: Tap | None) -> list[Picture]:
    """Draw the gain over time where the input is not silent."""
    if tap is None or not np.any(tap.input):
        return []
    size = max(1, tap.input.shape[1] // 360)
    parts = [
        np.square(audio[:, : audio.shape[1] // size * size], dtype=np.float64)
        .sum(axis=0)
        .reshape(-1, size)
        .sum(axis=1)
        for audio in (tap.input, tap.output)
    ]
    sounding = parts[0] > 1e-9 * parts[0].max()
    gain = np.where(sounding, decibels(np.sqrt(parts[1] / np.maximum(parts[0], 1e-30))), 0.0)
    times = (np.arange(len(gain)) + 0.5) * size / tap.sample_rate
    low, high = min(-3.0, float(gain.min()) * 1.1), max(1.0, float(gain.max()) * 1.1)
    plot = Plot(
        Axis("time in the excerpt, s", 0.0, tap.input.shape[1] / tap.sample_rate),
        Axis("gain, dB", low, high),
        "Gain over time",
    )
    plot.area(times, gain, np.zeros_like(gain), "filled")
    plot.line(times, gain, "strong")
    caption = f"{gain[sounding].mean():+.1f} dB on average, {gain.min():+.1f} dB at most"
    return [Picture(plot.svg(), caption, (("strong", "gain over time"),))]


def _response_pictures(placed: Placed, sample_rate: int) -> list[Picture]:
    """Draw impulse response, decay per band, and the level over frequency of a short one."""
    whole = impulse_response(
        placed.effect, placed.values, _LONGEST_RESPONSE_SECONDS, float(sample_rate)
    )
    peak = float(np.max(np.abs(whole)))
    if not peak > 0.0:
        return []
    audible = np.flatnonzero(np.abs(whole) > peak * 10.0 ** (_FLOOR_DB / 20.0))
    length = max(int(audible[-1]) + 1, round(0.005 * sample_rate))
    response = whole[:length]
    if np.count_nonzero(np.abs(response) > peak * 10.0 ** (_FLOOR_DB / 20.0)) <= MOST_ECHOES:
        return [_echo_picture(placed, response, sample_rate)]
    pictures = [_outline_picture(placed, response, sample_rate)]
    late = whole[round(_DIRECT_SECONDS * sample_rate) :]
    decays = [(d.centre_hz, d.seconds) for d in decay_times(late, sample_rate) if d.seconds]
    if len(decays) > 1 and length > 0.05 * sample_rate:
        pictures.append(_decay_picture(decays))
    if length < 0.5 * sample_rate:
        pictures.append(_spectrum_picture(response, sample_rate))
    return pictures


def _over_time(placed: Placed, response: np.ndarray, sample_rate: int) -> tuple[Plot, float, str]:
    """Return a plot for a response, its unit of time in 1/s, and the name of that unit."""
    seconds = len(response) / sample_rate
    unit, factor = ("s", 1.0) if seconds > 0.2 else ("ms", 1e3)
    high = float(np.ceil(decibels(response).max() / 5.0) * 5.0 + 5.0)
    plot = Plot(
        Axis(f"time, {unit}", 0.0, seconds * factor * 1.02),
        Axis("level, dB", high - 70.0, high),
        f"{placed.effect.primitive.kind}: impulse response",
    )
    return plot, factor, unit


def _echo_picture(placed: Placed, response: np.ndarray, sample_rate: int) -> Picture:
    """Draw separate echoes as stems."""
    plot, factor, _ = _over_time(placed, response, sample_rate)
    levels = decibels(response)
    echoes = np.flatnonzero(levels > levels.max() + _FLOOR_DB)
    plot.stems(echoes * factor / sample_rate, levels[echoes], "stem")
    later = echoes[echoes > 0]
    first = f", the first after {1e3 * later[0] / sample_rate:.1f} ms" if len(later) else ""
    count = f"{len(later)} echo" + ("es" if len(later) != 1 else "")
    return Picture(plot.svg(), count + first, (("stem", "direct sound and echoes"),))


def _outline_picture(placed: Placed, response: np.ndarray, sample_rate: int) -> Picture:
    """Draw the envelope of a dense response."""
    plot, factor, unit = _over_time(placed, response, sample_rate)
    columns = min(300, len(response))
    outline = np.maximum(envelope_db(response, columns), plot.y.low)
    end = len(response) * factor / sample_rate
    times = np.linspace(0.0, end, columns)
    plot.area(times, np.full(columns, plot.y.low), outline, "filled")
    plot.line(times, outline, "strong")
    caption = f"60 dB down after {end:.3g} {unit}"
    return Picture(plot.svg(), caption, (("strong", "impulse response, peaks"),))


def _decay_picture(decays: Sequence[tuple[float, float]]) -> Picture:
    """Draw the decay time of each octave."""
    centres, seconds = (np.array(column) for column in zip(*decays, strict=True))
    names = tuple((c, f"{c / 1e3:g}k" if c >= 1e3 else f"{c:g}") for c in centres)
    plot = Plot(
        Axis("octave, Hz", centres[0] / 1.6, centres[-1] * 1.6, "log", names),
        Axis("decay by 60 dB, s", 0.0, max(seconds) * 1.2),
        "Decay time per octave",
    )
    plot.bars(centres / 1.3, centres * 1.3, seconds)
    caption = f"{min(seconds):.2f} to {max(seconds):.2f} s (T20)"
    return Picture(plot.svg(), caption, (("bar", "decay time per octave"),))


def _spectrum_picture(response: np.ndarray, sample_rate: int) -> Picture:
    """Draw the level of a response over frequency."""
    x = frequency_axis(sample_rate)
    size = max(8192, 2 ** int(np.ceil(np.log2(len(response)))))
    grid = np.fft.rfftfreq(size, 1.0 / sample_rate)
    frequencies = np.geomspace(x.low, min(x.high, 0.499 * sample_rate), _CURVE_POINTS)
    levels = np.interp(frequencies, grid, decibels(np.fft.rfft(response, size)))
    high = float(np.ceil(levels.max() / 5.0) * 5.0 + 3.0)
    low = max(high - 60.0, float(np.floor(levels.min() / 5.0) * 5.0) - 3.0)
    plot = Plot(x, Axis("level, dB", low, high), "Level over frequency")
    plot.line(frequencies, levels, "strong")
    return Picture(plot.svg(), "level over frequency", (("strong", "its frequency response"),))
