"""The picture in the README: one real pair and its match, on the held-out part.

FXCHAIN_DATA=… python benchmarks/picture.py [--pair ID] [--iterations 200] [--out FILE]
"""

import argparse
from pathlib import Path

import matplotlib as mpl
import numpy as np
import scipy.signal

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from recorded_pairs import Pair, data_folder, read_pairs

from fxchain import Match, match
from fxchain.files.audio_input import read_audio, to_channels

ZOOM_SECONDS = 0.02
COLOURS = {"dry": "#9aa0a6", "wet": "#202124", "matched": "#d93025"}
BARS = {
    "unprocessed": "dry",
    "best_gain": "best gain",
    "best_linear_filter": "best linear filter",
}


def main() -> None:
    """Match the pair and draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pair", default="openamp-Bogner-c0")
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("docs/images/match.png"))
    options = parser.parse_args()
    pair = next(pair for pair in read_pairs(data_folder()) if pair.id == options.pair)
    dry, wet = (to_channels(read_audio(path), 1) for path in (pair.dry, pair.wet))
    found = match(dry.samples, wet.samples, dry.sample_rate, iterations=options.iterations)
    signals = _aligned(dry.samples[0], wet.samples[0], found)
    _draw(pair, signals, found, dry.sample_rate, options.out)
    print(options.out, found.metrics["held_out"])


def _aligned(dry: np.ndarray, wet: np.ndarray, found: Match) -> dict[str, np.ndarray]:
    """Return dry, wet and matched of the held-out part, (samples,) each, without the latency."""
    start, end = found.settings["held_out_samples"]
    latency = round(found.metrics["latency_samples"])
    return {
        "dry": dry[start:end],
        "wet": wet[start + latency : end + latency],
        "matched": found.matched[0, start:end],
    }


def _draw(
    pair: Pair, signals: dict[str, np.ndarray], found: Match, sample_rate: int, out: Path
) -> None:
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.4), width_ratios=(1.5, 1.3, 1))
    _draw_waves(axes[0], signals, sample_rate)
    _draw_spectra(axes[1], signals, sample_rate)
    _draw_errors(axes[2], found)
    figure.suptitle(f"{pair.device}: the held-out part", fontsize=11)
    figure.tight_layout()
    out.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(out, dpi=110)


def _draw_waves(axes: Axes, signals: dict[str, np.ndarray], sample_rate: int) -> None:
    length = round(ZOOM_SECONDS * sample_rate)
    power = np.convolve(signals["wet"] ** 2, np.ones(length), "valid")
    start = int(np.argmax(power))
    time = 1e3 * np.arange(length) / sample_rate
    for name, width in (("dry", 1.0), ("wet", 3.0), ("matched", 1.2)):
        axes.plot(
            time, signals[name][start : start + length], color=COLOURS[name], lw=width, label=name
        )
    axes.set(xlabel="ms", title="waveform")


def _draw_spectra(axes: Axes, signals: dict[str, np.ndarray], sample_rate: int) -> None:
    for name, width in (("dry", 1.0), ("wet", 3.0), ("matched", 1.2)):
        frequencies, power = scipy.signal.welch(signals[name], sample_rate, nperseg=4096)
        axes.semilogx(
            frequencies[1:],
            10 * np.log10(power[1:] + 1e-14),
            color=COLOURS[name],
            lw=width,
            label=name,
        )
    axes.legend(frameon=False, fontsize=8, loc="lower left")
    axes.set(xlabel="Hz", ylabel="dB", title="spectrum", xlim=(40, 16_000))


def _draw_errors(axes: Axes, found: Match) -> None:
    baselines = found.metrics["baselines"]
    errors = {label: baselines[name]["held_out"]["esr"] for name, label in BARS.items()}
    errors["fxchain"] = found.metrics["held_out"]["esr"]
    levels = [10 * np.log10(error) for error in errors.values()]
    floor = min(levels) - 4
    axes.barh(
        list(errors),
        [level - floor for level in levels],
        left=floor,
        color=[COLOURS["dry"]] * len(BARS) + [COLOURS["matched"]],
    )
    for row, (level, error) in enumerate(zip(levels, errors.values(), strict=True)):
        axes.text(level, row, f" {error:.3g}", va="center", fontsize=8)
    axes.invert_yaxis()
    axes.set(xlabel="ESR, dB (lower is better)", xlim=(floor, max(levels) + 6))


if __name__ == "__main__":
    main()
