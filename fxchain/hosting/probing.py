"""What a plug-in does to test signals, at the settings it was found with and at random ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fxchain.hosting.description import Behaviour, PluginDescription, PluginKnob
from fxchain.hosting.hosted_plugin import HostedPlugin
from fxchain.hosting.likeness import energy, same
from fxchain.hosting.memory import forgets
from fxchain.hosting.plugin_process import LOADING_SECONDS, ask

#: Length of the test signal, s. Its level rises, so that what a plug-in does from a threshold on is
#: seen: from this level below the highest, root mean square in dB, to a peak of full scale.
SECONDS, RISE_DB = 0.4, 40.0
#: Settings at which it is tried beside those it was found with, and the share of the range that
#: knobs keep away from its ends.
DRAWN, MARGIN = 9, 0.05
#: Choices are as found at one of so many of them, and at the others go through all they offer.
AS_FOUND = 3
#: Silence of this length may be enough before audio, samples: one block.
SHORT_SETTLING = 8_192
#: A time that is so much longer, samples, mostly means an equal delay where that is of samples.
_PART_OF_SAMPLE = 0.2
#: What a linear plug-in may add to silence, as a share of the energy of the signal.
_SILENT = 1e-12
#: Where settings are compared the rest of a start may change such a share of the energy.
SETTLED = 1e-5
#: The test signal is repeated so many samples later: a multiple of what plug-ins compute at a time.
LATER = 8_192
#: Height of the impulse that a response is captured with, as `fxchain.dsp.capture` does.
HEIGHT = 4096.0
#: A longer delay than this share of the signal is no latency that could be told.
_LONGEST_LATENCY = 0.5
#: Units of knobs that may be delays of whole samples, in a second.
_OF_TIME = {"s": 1.0, "ms": 1e3}
#: So many settings say whether it moves by itself.
_FEW = 4

Values = Mapping[str, float]


@dataclass(frozen=True)
class _Probe:
    """A plug-in and a test signal.

    Attributes:
        known: the plug-in
        sample_rate: Hz
        noise: (1, samples)
        settling_samples: length of the silence that is played first; None: that of a preset
    """

    known: PluginDescription
    sample_rate: float
    noise: np.ndarray
    settling_samples: int | None = None

    def play(self, values: Values, audio: np.ndarray) -> np.ndarray:
        plugin = HostedPlugin(self.known, values, self.settling_samples)
        return plugin(audio, self.sample_rate, reset=True)

    def heard(self, values: Values, audio: np.ndarray) -> np.ndarray:
        """Return what the plug-in makes of audio beyond what it makes of silence."""
        return self.play(values, audio) - self.play(values, np.zeros_like(audio))

    def is_filter(self, values: Values) -> bool:
        """Tell whether it is a convolution with the response that is captured."""
        impulse = np.zeros_like(self.noise)
        impulse[0, 0] = HEIGHT
        silence = self.play(values, np.zeros_like(impulse))
        if energy(silence) > _SILENT * energy(self.noise):
            return False
        response = self.play(values, impulse)[0].astype(np.float64) / HEIGHT
        length = 2 * self.noise.shape[1]
        spectrum = np.fft.rfft(response, length) * np.fft.rfft(self.noise[0], length)
        expected = np.fft.irfft(spectrum, length)[: self.noise.shape[1]]
        return same(expected[None], self.play(values, self.noise))

    def is_memoryless(self, values: Values) -> bool:
        """Tell whether equal samples give equal samples in any order."""
        order = np.random.default_rng(1).permutation(self.noise.shape[1])
        played = self.play(values, self.noise)
        return same(played[:, order], self.play(values, self.noise[:, order]))

    def moves(self, values: Values) -> bool:
        """Tell whether the same audio sounds otherwise when it comes later."""
        later = np.pad(self.noise, ((0, 0), (LATER, 0)))
        found = self.heard(values, later)[:, LATER:]
        return not same(found, self.heard(values, self.noise))

    def repeats(self, values: Values) -> bool:
        """Tell whether the same audio sounds the same again, but for what decays slowly in it."""
        return same(self.play(values, self.noise), self.play(values, self.noise))

    def outputs(self, settings: Sequence[Values]) -> list[np.ndarray]:
        """Return what is heard of the test signal with one setting after the other."""
        return [self.play(values, self.noise) for values in settings]

    def forgets(self, settings: Sequence[Values]) -> bool:
        """Tell whether each setting sounds the same whatever was played before, once loaded."""
        once = replace(self, known=replace(self.known, carries_over=False))

        def load() -> None:
            self.play(settings[0], self.noise)

        return forgets(settings, load, once.outputs, self.outputs)

    def facts(self, knob: PluginKnob, settings: Sequence[Values]) -> PluginKnob:
        """Return a knob with what it does at some settings."""
        if self.is_dead(knob, settings):
            return replace(knob, dead=True)
        if knob.choices:
            return knob
        delays = knob.unit in _OF_TIME and self.is_stepped(knob, settings)
        return replace(knob, stepped=delays, affine=self.is_affine(knob, settings))

    def is_stepped(self, knob: PluginKnob, settings: Sequence[Values]) -> bool:
        """Tell whether the output is piecewise constant in a time, as in a delay of samples."""
        step, still = _PART_OF_SAMPLE / self.sample_rate * _OF_TIME[knob.unit], []
        for values in settings:
            here, value = self.play(values, self.noise), values[knob.name]
            far, near = (
                np.array_equal(here, self.play({**values, knob.name: other}, self.noise))
                for other in (0.9 * value + 0.1 * knob.low, value + step)
            )
            still += [] if far else [near]
        return bool(still) and sum(still) > len(still) / 2

    def is_affine(self, knob: PluginKnob, settings: Sequence[Values]) -> bool:
        """Tell whether the output is an affine function of a knob."""
        heard = False
        for values in settings:
            tried = [knob.low + share * (knob.high - knob.low) for share in (0.1, 0.5, 0.9)]
            low, middle, high = (
                self.play({**values, knob.name: each}, self.noise) for each in tried
            )
            if not same((low + high) / 2.0, middle):
                return False
            heard |= not np.array_equal(low, high)
        return heard

    def is_dead(self, knob: PluginKnob, settings: Sequence[Values]) -> bool:
        """Tell whether a knob changes nothing at any of some settings."""
        others = [knob.value(0.2), knob.value(0.85)]
        if knob.choices:
            others = [knob.low, knob.high]
        for values in settings:
            before = self.play(values, self.noise)
            if not all(
                np.array_equal(before, self.play({**values, knob.name: other}, self.noise))
                for other in others
            ):
                return False
        return True


def probed(known: PluginDescription, sample_rate: float) -> PluginDescription:
    """Return what is known of a plug-in, with what it does to test signals.

    Args:
        known: what it states
        sample_rate: Hz

    Raises:
        PluginError: it hangs or crashes.
    """
    rng = np.random.default_rng(0)
    probe = _Probe(known, sample_rate, _rising_noise(rng, round(SECONDS * sample_rate)))
    settings = [{knob.name: knob.default for knob in known.knobs}, *_drawn(known, rng)]
    lowest = {knob.name: knob.low for knob in known.knobs}
    highest = {knob.name: knob.high for knob in known.knobs}
    detours = [lowest, *settings, highest]
    repeats = probe.repeats(settings[0])
    carries_over = not (repeats and probe.forgets(detours))
    probe = replace(probe, known=replace(known, carries_over=carries_over))
    brief = replace(probe, settling_samples=SHORT_SETTLING)
    pairs = zip(brief.outputs(settings), probe.outputs(settings), strict=True)
    settles = repeats and all(same(*pair, SETTLED) for pair in pairs)
    probe = brief if settles else probe
    return replace(
        known,
        knobs=tuple(probe.facts(knob, settings) for knob in known.knobs),
        behaviour=_behaviour(probe, settings) if repeats else "opaque",
        probed=True,
        repeats=repeats,
        moves=repeats and any(probe.moves(values) for values in settings[:_FEW]),
        latency_samples=_latency(known, sample_rate),
        settling_samples=SHORT_SETTLING if settles else None,
        carries_over=carries_over,
    )


def _rising_noise(rng: np.random.Generator, samples: int) -> np.ndarray:
    """Return noise (1, samples) at all levels up to full scale."""
    noise = rng.normal(size=(1, samples)) * 10.0 ** (np.linspace(-RISE_DB, 0.0, samples) / 20.0)
    return (noise / np.abs(noise).max()).astype(np.float32)


def _behaviour(probe: _Probe, drawn: Sequence[Values]) -> Behaviour:
    if all(probe.is_filter(values) for values in drawn):
        return "filter"
    if all(probe.is_memoryless(values) for values in drawn):
        return "memoryless"
    return "opaque"


def _drawn(known: PluginDescription, rng: np.random.Generator) -> list[Values]:
    """Return settings such that each knob is once in each of equal parts of its range.

    Source:
        Latin hypercube sampling, McKay, Beckman and Conover 1979.
    """
    settings: list[dict[str, float]] = [{} for _ in range(DRAWN)]
    for knob in known.knobs:
        parts = rng.permutation(DRAWN)
        for turn, values in enumerate(settings):
            inside = (parts[turn] + float(rng.uniform())) / DRAWN
            position = MARGIN + (1.0 - 2.0 * MARGIN) * inside
            value = knob.value(position)
            if knob.choices:
                value = float(parts[turn] % len(knob.choices))
                value = knob.default if turn % AS_FOUND == AS_FOUND - 1 else value
            elif knob.logarithmic:
                value = knob.low * (knob.high / knob.low) ** position
            values[knob.name] = value
    return [*settings]


def _latency(known: PluginDescription, sample_rate: float) -> int:
    """Return by how many samples the output is late, as the plug-in tells the host."""
    which = (known.file, known.name, known.sha256, known.state)
    about = f"{known.name} at {sample_rate:g} Hz"
    compensated, plain = ask(about, "impulses", (which, sample_rate), LOADING_SECONDS)
    if not compensated.any() or not plain.any() or np.array_equal(compensated, plain):
        return 0
    length = 2 * len(plain)
    product = np.fft.rfft(plain, length) * np.conj(np.fft.rfft(compensated, length))
    lags = np.fft.irfft(product, length)[: int(_LONGEST_LATENCY * length)]
    lag = int(np.argmax(np.abs(lags)))
    return lag if same(np.roll(compensated, lag)[None, lag:], plain[None, lag:]) else 0
