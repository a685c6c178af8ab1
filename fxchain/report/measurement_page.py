"""The page of a measurement: curves and figures of a device, drawn from `measurement.json`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fxchain.report.document import page_of
from fxchain.report.pictures import Picture
from fxchain.report.svg import Axis, Plot, frequency_axis
from fxchain.report.table import Table
from fxchain.wording import counted

_WIDTH, _HEIGHT = 760, 250
_RANGE_DB = 60.0
#: Nothing but digital silence is quieter, dBFS.
_DIGITAL_SILENCE_DBFS = -200.0

Document = Mapping[str, Any]


def render_measurement(found: Document, version: str) -> str:
    """Return the page as one self-contained HTML file; equal measurements give equal pages.

    Args:
        found: what `measurement.json` holds
        version: of fxchain
    """
    loudest = found["levels"][-1]
    return page_of(
        "measurement.html.jinja",
        (),
        0,
        found=found,
        facts=facts(found),
        table=level_table(found),
        pictures=[
            ("Response of the fundamental", gain_picture(found)),
            (
                f"Harmonics at {loudest['input_dbfs']:g} dBFS",
                harmonics_picture(found, loudest),
            ),
            ("Output and distortion by level, 1 kHz", level_picture(found)),
            ("Silence", silence_picture(found)),
        ],
        version=version,
    )


def facts(found: Document) -> list[tuple[str, str]]:
    """Return the single figures in words."""
    silence = found["background"]
    level, milliseconds = silence["noise_dbfs"], found["latency_ms"]
    noise = "no silence" if level is None else f"{level:.1f} dBFS"
    if level is not None and level < _DIGITAL_SILENCE_DBFS:
        noise = "none, digital silence"
    return [
        ("latency", f"{found['latency_samples']:.2f} samples, {milliseconds:.3f} ms"),
        ("polarity", "as played" if found["polarity"] == "+" else "inverted"),
        ("clock drift", f"{found['drift_ppm']:+.2f} ppm"),
        ("noise", noise),
        ("hum", hum_words(silence["hum"])),
        ("constant", f"{silence['constant']:+.1e} of full scale"),
    ]


def hum_words(hum: Document | None) -> str:
    """Return what is known of the hum in words."""
    if hum is None:
        return "none above the noise"
    levels = hum["levels_dbfs"]
    total = 10.0 * np.log10(sum(10.0 ** (level / 10.0) for level in levels.values()))
    count = counted(len(levels), "harmonic")
    return f"{hum['frequency_hz']:.2f} Hz, {count}, {total:.1f} dBFS"


def level_table(found: Document) -> Table:
    """Return gain and distortion at each level."""
    lines = tuple(
        (
            f"{level['input_dbfs']:g} dBFS",
            f"{level['gain_db_at_1khz']:+.2f} dB",
            f"{level['distortion_percent_at_1khz']:.2f} %",
        )
        for level in found["levels"]
    )
    head = ("peak of the sweep", "gain, 1 kHz", "harmonics 2 to 5, 1 kHz")
    return Table("By level", head, lines)


def gain_picture(found: Document) -> Picture:
    """Draw the gain over frequency at each level, and how much noise there is in the loudest."""
    frequencies = found["frequencies_hz"]
    curves = [_values(level["gain_db"]) for level in found["levels"]]
    plot = _over_frequency(found, curves, "gain, dB", "Gain of the fundamental over frequency")
    noise = _values(found["levels"][-1]["noise_db"])
    seen = bool(noise.max() > plot.y.low)
    if seen:
        plot.line(frequencies, noise, "thin")
    for at, curve in enumerate(curves):
        plot.line(frequencies, curve, f"strong series-{at % 4}")
    legend = tuple(
        (f"strong series-{at % 4}", f"{level['input_dbfs']:g} dBFS")
        for at, level in enumerate(found["levels"])
    )
    return Picture(plot.svg(), "", (*legend, *[("thin", "noise of the loudest")] * seen))


def harmonics_picture(found: Document, level: Document) -> Picture:
    """Draw the fundamental and the harmonics at one level, by the frequency that was played."""
    curves = [_values(level["gain_db"])]
    curves += [_values(curve) for curve in level["harmonics_db"].values()]
    title = "Level of each harmonic relative to the sweep"
    plot = _over_frequency(found, curves, "level, dB", title, 90.0)
    names = ["fundamental", *(f"order {order}" for order in level["harmonics_db"])]
    legend = []
    for at, (name, curve) in enumerate(zip(names, curves, strict=True)):
        known = np.isfinite(curve)
        if known.any():
            style = f"phase phase-{at}"
            for part in np.ma.clump_unmasked(np.ma.masked_invalid(curve)):
                plot.dots(np.asarray(found["frequencies_hz"])[part], curve[part], style)
            legend.append((style, name))
    return Picture(plot.svg(), "where it stands out of the noise", tuple(legend))


def level_picture(found: Document) -> Picture:
    """Draw the output of a tone over its level, and its harmonics."""
    inputs = np.array([level["input_dbfs"] for level in found["levels"]])
    gains = np.array([level["gain_db_at_1khz"] for level in found["levels"]])
    outputs = inputs + gains
    percent = np.array([level["distortion_percent_at_1khz"] for level in found["levels"]])
    harmonics = outputs + 20.0 * np.log10(np.maximum(percent / 100.0, 1e-6))
    low, high = float(outputs.min()) - 60.0, float(outputs.max()) + 6.0
    plot = Plot(
        Axis("peak of the sweep, dBFS", float(inputs.min()) - 2.0, float(inputs.max()) + 2.0),
        Axis("output, dBFS", low, high),
        "Output over level, 1 kHz",
        _WIDTH,
        _HEIGHT,
    )
    plot.line(inputs, inputs + gains[0], "zero")
    plot.line(inputs, outputs, "strong")
    heard = harmonics > low
    plot.stems(inputs[heard], harmonics[heard], "stem")
    legend = (
        ("strong", "fundamental"),
        ("zero", "with the gain of the quietest"),
        ("stem", "harmonics 2 to 5 together"),
    )
    return Picture(plot.svg(), "", legend)


def silence_picture(found: Document) -> Picture | None:
    """Draw the level of the silence in thirds of an octave; None where there is no silence."""
    bands = found["background"]["third_octaves"]
    if not bands:
        return None
    centres = np.array([band["hz"] for band in bands])
    levels = np.array([band["dbfs"] for band in bands])
    plot = Plot(
        frequency_axis(found["sample_rate"]),
        Axis("level, dBFS", float(levels.min()) - 6.0, float(levels.max()) + 6.0),
        "Level of the silence in thirds of an octave",
        _WIDTH,
        _HEIGHT,
    )
    plot.bars(centres * 2.0 ** (-1 / 6), centres * 2.0 ** (1 / 6), levels)
    return Picture(plot.svg(), "", (("bar", "thirds of an octave"),))


def _over_frequency(
    found: Document,
    curves: Sequence[np.ndarray],
    label: str,
    title: str,
    range_db: float = _RANGE_DB,
) -> Plot:
    """Return an empty plot over frequency that holds curves within a range, (frequencies,) each."""
    whole = np.concatenate(curves)
    high = float(np.ceil(np.nanmax(whole) / 5.0) * 5.0 + 5.0)
    low = max(high - range_db, float(np.floor(np.nanmin(whole) / 5.0) * 5.0) - 5.0)
    axis = Axis(label, low, high)
    return Plot(frequency_axis(found["sample_rate"]), axis, title, _WIDTH, _HEIGHT)


def _values(numbers: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if each is None else each for each in numbers], dtype=np.float64)
