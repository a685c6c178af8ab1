"""Structures drawn at random: a few effects in any order, some of them beside the clean signal."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from fxchain.data.presets import HIDDEN_RANGES, on_sample_grid
from fxchain.preset import Preset
from fxchain.primitives import get_primitive
from fxchain.render import render
from fxchain.stage import Chain, Effect, Mix, Stage
from fxchain.structure.audibility import FLOOR_DB, bypass_changes_db
from fxchain.structure.candidate import Candidate

MOST_STAGES, MOST_BANDS = 6, 4
EQUALIZER = "equalizer"
#: What stages are drawn from; an equalizer may come twice.
POOL = (
    *(EQUALIZER,) * 2,
    *("distortion", "clipping", "compressor", "gain", "delay", "reverb"),
    *("highpass_filter", "lowpass_filter"),
)
#: In parallel to the clean signal, linear effects cannot be told from others in series.
NOT_LINEAR = {"distortion", "clipping", "compressor"}
_BANDS = ("peak_filter", "low_shelf_filter", "high_shelf_filter")
_CUTOFFS = {"highpass_filter": (40.0, 400.0), "lowpass_filter": (2_000.0, 12_000.0)}
#: Thresholds below the peak at their place, dB.
_BELOW_PEAK_DB = {"clipping": (3.0, 15.0), "compressor": (10.0, 30.0)}
_WEIGHTS = (0.3, 1.0)
#: A stage is drawn anew so often until it can be heard, the values of a chain so often.
_TRIES, _CHAIN_TRIES = 20, 20


def random_kinds(rng: np.random.Generator, *, parallel: bool) -> tuple[tuple[str, ...], range]:
    """Draw one to six kinds of `POOL` in any order.

    Args:
        rng: draws them
        parallel: one or two neighbours, not only linear ones, lie beside the clean signal

    Returns:
        the kinds, and the places of those that lie beside the clean signal
    """
    count = int(rng.integers(1, MOST_STAGES + 1))
    while True:
        kinds = tuple(POOL[at] for at in rng.permutation(len(POOL))[:count])
        begin = int(rng.integers(count))
        inside = range(begin, min(count, begin + int(rng.integers(1, 3)))) if parallel else range(0)
        if not parallel or any(kinds[at] in NOT_LINEAR for at in inside):
            return kinds, inside


def random_structure(
    rng: np.random.Generator,
    audio: np.ndarray,
    sample_rate: int,
    kinds: tuple[str, ...],
    inside: range = range(0),
) -> tuple[Candidate, float]:
    """Draw the values of a chain for a recording.

    Thresholds lie below the peak at their place. Values are drawn anew until every stage changes
    the output by −40 dB or more, as `bypass_changes_db` says, as far as 20 tries allow.

    Args:
        rng: draws the values; for a chain that a search is to find, see `hidden_rng`
        audio: (channels, samples), what the chain plays
        sample_rate: Hz
        kinds: of `POOL`, in their order
        inside: the places of those that lie beside the clean signal

    Returns:
        the chain, and how much the output changes without the effect that changes it least, dB
        relative to the output; infinite where there is no effect
    """
    best: tuple[float, Candidate] | None = None
    for _ in range(_CHAIN_TRIES):
        found = _Drawing(rng, sample_rate).chain(kinds, inside, audio)
        changes = bypass_changes_db(found, audio, sample_rate).values()
        least = min(changes, default=float("inf"))
        if best is None or least > best[0]:
            best = least, found
        if least >= FLOOR_DB:
            break
    assert best is not None
    return best[1], best[0]


def played(candidate: Candidate, audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return what pedalboard makes of (channels, samples)."""
    preset = Preset(candidate.stage, candidate.values, sample_rate)
    return render(preset, audio, sample_rate)


@dataclass
class _Drawing:
    """Draws values, each at the level that the stages before it give."""

    rng: np.random.Generator
    sample_rate: int

    def chain(self, kinds: tuple[str, ...], inside: range, audio: np.ndarray) -> Candidate:
        """Draw a chain; the stages `inside` lie beside the clean signal."""
        parts: list[Candidate] = []
        branch: list[Candidate] = []
        at_mix = audio
        for index, kind in enumerate(kinds):
            part = self._heard(kind, audio)
            audio = played(part, audio, self.sample_rate)
            if index not in inside:
                parts.append(part)
                continue
            branch.append(part)
            if index == inside[-1]:
                mix = self._mix(_joined(branch))
                parts.append(mix)
                audio = played(mix, at_mix, self.sample_rate)
        return _joined(parts)

    def _heard(self, kind: str, audio: np.ndarray) -> Candidate:
        """Draw a stage until it can be heard."""
        for _ in range(_TRIES):
            found = self._equalizer() if kind == EQUALIZER else self._effect(kind, audio)
            changes = bypass_changes_db(found, audio, self.sample_rate).values()
            if min(changes) >= FLOOR_DB:
                break
        return found

    def _equalizer(self) -> Candidate:
        count = int(self.rng.integers(1, MOST_BANDS + 1))
        peaks = [_BANDS[0]] * count
        shelves = self.rng.random(2) < 0.4
        for place, band, wanted in zip((0, -1), _BANDS[1:], shelves, strict=True):
            if wanted:
                peaks[place] = band
        return _joined([self._effect(kind, None) for kind in peaks])

    def _effect(self, kind: str, audio: np.ndarray | None) -> Candidate:
        effect = Effect(get_primitive(kind))
        values = []
        for slot in effect.slots():
            name, spec = slot.spec.name, slot.spec
            if name == "threshold_db" and audio is not None:
                peak_db = 20.0 * np.log10(max(float(np.abs(audio).max()), 1e-6))
                value = peak_db - self.rng.uniform(*_BELOW_PEAK_DB[kind])
            elif name == "cutoff_frequency_hz" and kind in _CUTOFFS:
                value = _log_uniform(self.rng, *_CUTOFFS[kind])
            else:
                draw: Callable[..., float] = _log_uniform if spec.scale == "log" else _uniform
                value = draw(self.rng, *HIDDEN_RANGES[kind][name])
            value = on_sample_grid(value, self.sample_rate) if slot.quantized else value
            values.append(min(max(value, spec.low), spec.high))
        return _candidate(effect, values)

    def _mix(self, branch: Candidate) -> Candidate:
        clean, processed = self.rng.uniform(*_WEIGHTS, size=2)
        stage = Mix((Chain(), branch.stage))
        return _candidate(stage, [clean, processed, *branch.values])


def _candidate(stage: Stage, values: list[float]) -> Candidate:
    return Candidate(stage, np.array(values), np.ones(stage.size, dtype=bool))


def _joined(parts: list[Candidate]) -> Candidate:
    """Return chains in series as one."""
    values = [float(value) for part in parts for value in part.values]
    return _candidate(Chain(tuple(part.stage for part in parts)), values)


def _uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))
