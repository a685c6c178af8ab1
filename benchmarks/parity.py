"""Null depths of every effect and of whole chains against pedalboard.

    python benchmarks/parity.py [--cases 24] [--chains 60]

White noise at -14 dBFS RMS through fxchain and through pedalboard, settings drawn over the whole
range. A null is the level of the difference relative to pedalboard's output; -200 dB stands for
equal samples.
"""

import argparse
import statistics
from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from null_depths import bound_db, null_of

from fxchain.data.presets import hidden_chain, noise_assets, random_stage, random_values
from fxchain.data.signals import white_noise
from fxchain.primitives import REGISTRY
from fxchain.stage import Chain, Effect, Stage

RATES_HZ = (44_100, 48_000, 96_000)
CHANNELS = (1, 2)
SECONDS = 2.2
BANDS_HZ = (0.0, 40.0, 100.0, 400.0, 1_500.0)
STAGES = 10

Case = tuple[float, float, str]


def main() -> None:
    """Print one table of effects and one of chains."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=24, help="settings of each row of the table")
    parser.add_argument("--chains", type=int, default=60, help="random chains of ten stages")
    options = parser.parse_args()
    print(f"white noise, -14 dBFS RMS, {SECONDS} s; whole ranges; seeds are the row's own")
    missed = print_effects(options.cases) + print_chains(options.chains)
    print(f"{missed} settings miss their bound" if missed else "every bound is kept")


def print_effects(cases: int) -> int:
    """Print the nulls of single effects, dB; return how many settings miss their bound."""
    print(f"{'effect':<18}{'rate':>7}{'channels':>10}{'corner, Hz':>12}{'cases':>7}", end="")
    print(f"{'bound':>7}{'median':>8}{'worst':>8}  worst settings")
    missed = 0
    for kind in (kind for kind, found in REGISTRY.items() if found.plugin is not None):
        for rate in RATES_HZ:
            for channels in CHANNELS:
                for band, found in measure(kind, rate, channels, cases).items():
                    depth, bound, settings = max(found)
                    depths = [case[0] for case in found]
                    missed += sum(d > b for d, b, _ in found)
                    print(f"{kind:<18}{rate:>7}{channels:>10}{band:>12}{len(found):>7}", end="")
                    print(f"{bound:>7.0f}{statistics.median(depths):>8.1f}{depth:>8.1f}", end="")
                    print(f"  {settings}", flush=True)
    return missed


def measure(kind: str, rate: int, channels: int, cases: int) -> dict[str, list[Case]]:
    """Return (null in dB, bound, settings) of random settings, by band of the corner."""
    rng = np.random.default_rng([*kind.encode(), rate, channels])
    audio = white_noise(SECONDS, rate, int(rng.integers(1 << 30)), channels=channels)
    found: dict[str, list[Case]] = defaultdict(list)
    for _ in range(cases):
        primitive = REGISTRY[kind]
        effect = Effect(primitive, noise_assets(primitive, rng))
        values = random_values(effect, rng, rate)
        named = {s.name: float(v) for s, v in zip(primitive.parameters, values, strict=True)}
        depth, bound = null_of(effect, values, audio, rate), bound_db(kind, named, rate)
        shown = " ".join(f"{name}={value:.4g}" for name, value in named.items())
        found[band_of(primitive.kind, named)].append((depth, bound, shown))
    return dict(sorted(found.items(), key=lambda item: (len(item[0]), item[0])))


def band_of(kind: str, named: dict[str, float]) -> str:
    """Return the band of a second-order filter's corner; nothing for other effects."""
    if "q" not in named:
        return ""
    low = max(edge for edge in BANDS_HZ if edge <= named["cutoff_frequency_hz"])
    return f"from {low:.0f}"


def print_chains(chains: int) -> int:
    """Print the nulls of whole chains, dB; return how many miss -70 dB."""
    print(
        f"\n{'chains':<18}{'rate':>7}{'cases':>7}{'bound':>7}{'median':>8}{'worst':>8}  worst chain"
    )
    missed = 0
    for name, drawn in (("ten random stages", random_chains), ("hidden chains", hidden_chains)):
        found: dict[int, list[tuple[float, str]]] = defaultdict(list)
        for seed, rate, stage, values in drawn(chains):
            audio = white_noise(SECONDS, rate, seed, channels=1 + seed // len(RATES_HZ) % 2)
            kinds = dict.fromkeys((slot.path, slot.kind) for slot in stage.slots())
            shown = f"seed {seed}: " + " ".join(kind for _, kind in kinds)
            found[rate].append((null_of(stage, values, audio, rate), shown))
        for rate, rows in sorted(found.items()):
            depths = [depth for depth, _ in rows]
            missed += sum(depth > -70.0 for depth in depths)
            print(
                f"{name:<18}{rate:>7}{len(rows):>7}{-70:>7}{statistics.median(depths):>8.1f}",
                end="",
            )
            print(f"{max(depths):>8.1f}  {max(rows)[1]}", flush=True)
    return missed


def random_chains(count: int) -> Iterator[tuple[int, int, Stage, np.ndarray]]:
    """Yield seed, rate in Hz, chain and values, over the whole ranges."""
    for seed in range(count):
        rng, rate = np.random.default_rng(seed), RATES_HZ[seed % len(RATES_HZ)]
        stage = random_stage(rng, STAGES, twins_only=True)
        yield seed, rate, stage, random_values(stage, rng, rate)


def hidden_chains(count: int) -> Iterator[tuple[int, int, Chain, np.ndarray]]:
    """Yield seed, rate in Hz, chain and values, as they are hidden to be found again."""
    for seed in range(count):
        rate = RATES_HZ[seed % len(RATES_HZ)]
        yield seed, rate, *hidden_chain(np.random.default_rng(seed), rate)


if __name__ == "__main__":
    main()
