"""Which onsets are taken for notes: what do notes explain of drawn sounds with and without a pitch?

    python benchmarks/tonal_onsets.py [--cases 40] [--first 0] [--methods notes,noise,bursts,clicks]
        [--label TEXT] [--fresh]

notes: chords of hidden patches, as of `benchmarks/chords.py`; noise: coloured noise whose power
falls by 0 to 12 dB an octave; bursts: noise in bands of an octave at least, that decays; clicks:
decaying pulses on a constant. Printed are, of the onsets of each recording that are heard, the
lowest and the highest share that notes explain; then how many onsets of each kind lie on the wrong
side of the threshold of `fxchain/notes/several_voices.py` and of those around it.
"""

import numpy as np
from method_rows import rows_of_methods
from note_cases import ChordCase

from fxchain.data.presets import hidden_rng
from fxchain.files.audio_input import Audio, from_array
from fxchain.notes.several_voices import AUDIBLE, TONAL, explained_onsets

RATE, SECONDS = 22_050, 2.0
#: Thresholds around the one that is used.
AROUND = (-0.06, -0.04, -0.02, 0.0, 0.02, 0.04, 0.06)


def chord(number: int) -> Audio:
    """Return five chords of a hidden patch."""
    return ChordCase(1_000 + number).audio


def noise(number: int) -> Audio:
    """Return noise whose power falls with frequency."""
    rng = hidden_rng((35, number))
    return _recording(_coloured(rng, round(RATE * SECONDS), rng.uniform(0.0, 12.0)))


def bursts(number: int) -> Audio:
    """Return decaying bursts of noise in bands of one to four octaves."""
    rng, total = hidden_rng((36, number)), np.zeros(round(RATE * SECONDS))
    for start in np.arange(0.05, SECONDS - 0.3, 0.4):
        length = round(0.3 * RATE)
        transform = np.fft.rfft(rng.standard_normal(length))
        hertz = np.fft.rfftfreq(length, 1.0 / RATE)
        low, octaves = rng.uniform(80.0, 2_000.0), rng.uniform(1.0, 4.0)
        transform[(hertz < low) | (hertz > low * 2.0**octaves)] = 0.0
        decay = np.exp(-np.arange(length) / (RATE * rng.uniform(0.02, 0.3)))
        first = round(start * RATE)
        total[first : first + length] += np.fft.irfft(transform, length) * decay
    return _recording(total)


def clicks(number: int) -> Audio:
    """Return decaying pulses on a constant, with a little noise."""
    rng, total = hidden_rng((37, number)), np.zeros(round(RATE * SECONDS))
    for start in np.arange(0.05, SECONDS - 0.3, 0.3):
        times = np.arange(round(0.2 * RATE)) / RATE
        first = round(start * RATE)
        pulse = np.exp(-times / (1e-3 * np.exp(rng.uniform(np.log(0.05), np.log(20.0)))))
        total[first : first + len(times)] += rng.choice((-1.0, 1.0)) * pulse
    return _recording(total + rng.uniform(0.0, 0.2) + 1e-3 * rng.standard_normal(len(total)))


KINDS = {"notes": chord, "noise": noise, "bursts": bursts, "clicks": clicks}


def _coloured(rng: np.random.Generator, length: int, decibels_per_octave: float) -> np.ndarray:
    transform = np.fft.rfft(rng.standard_normal(length))
    hertz = np.maximum(np.fft.rfftfreq(length, 1.0 / RATE), 20.0)
    slope = (hertz / 20.0) ** (-decibels_per_octave / (20.0 * np.log10(2.0)))
    return np.asarray(np.fft.irfft(transform * slope, length))


def _recording(samples: np.ndarray) -> Audio:
    return from_array(0.5 * samples[None] / np.abs(samples).max(), RATE, "drawn")


def measure(number: int, kind: str, _: float) -> dict[str, object]:
    """Return the shares that notes explain of the onsets of a drawn recording."""
    found = explained_onsets(KINDS[kind](number))
    shares = [] if found is None else found.tonal[found.levels > AUDIBLE].tolist()
    return {"shares": shares, "low": min(shares, default=1.0), "high": max(shares, default=0.0)}


def main() -> None:
    """Print a row for each recording, then the share of onsets on the wrong side."""
    rows = rows_of_methods(
        "tonal_onsets",
        __doc__.splitlines()[0],
        KINDS,
        f"{'onsets':>8}{'lowest':>8}{'highest':>9}",
        measure,
        lambda row: f"{len(row['shares']):>8}{row['low']:>8.2f}{row['high']:>9.2f}",
        cases=40,
        seconds=0.0,
    )
    thresholds = [TONAL + each for each in AROUND]
    print(f"{'wrong, threshold':<18}" + "".join(f"{each:>7.2f}" for each in thresholds))
    for kind, mine in rows.items():
        shares = np.concatenate([row["shares"] for row in mine])
        wrong = [np.mean((shares > each) != (kind == "notes")) for each in thresholds]
        print(f"{kind:<9}{len(shares):>5} of  " + "".join(f"{each:>7.1%}" for each in wrong))


if __name__ == "__main__":
    main()
