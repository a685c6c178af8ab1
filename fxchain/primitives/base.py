"""What an effect states about itself.

A primitive is a value, not a class: a table of controls and pure functions. What the rest of the
library does with it follows from these statements alone:

* `sections`: a linear filter given by second-order sections, run sample by sample with the bits
  that pedalboard's recursion has.
* `plugin` with `gradient="signal"`: a linear, time-invariant effect played by pedalboard. Its
  impulse response is captured, so that gradients pass through it to the stages before it.
  Differences of it are the Jacobian of its own controls, except of quantized ones.
* `process`: anything else that torch can compute and differentiate.
* `plugin` with `gradient="differences"`: a plug-in of another maker. Its derivatives, by its own
  controls and by what stands before it, are differences of what it plays; where it is memoryless,
  autograd passes to what stands before it.
* `plugin` with `gradient="none"`: a black box. Its own controls, and those of all stages before
  it, are left to a search without derivatives.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from fxchain.errors import ParameterError
from fxchain.hosting.description import PluginDescription
from fxchain.parameter import ParameterSpec
from fxchain.player import Asset
from fxchain.primitives.evidence import Evidence
from fxchain.primitives.moving_pair import MovingPair, MovingStart
from fxchain.primitives.static_curve import StaticCurve

if TYPE_CHECKING:
    import pedalboard
    from torch import Tensor

Gradient = Literal["full", "signal", "differences", "none"]

Nature = Literal["memoryless", "filter", "dynamic", "time_varying", "opaque", "source"]
NATURES: tuple[Nature, ...] = get_args(Nature)

Purpose = Literal["tone", "drive", "dynamics", "space", "modulation", "level", "width", "source"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@dataclass(frozen=True)
class Primitive:
    """One effect.

    Attributes:
        kind: its name in presets and on the command line
        summary: one sentence for people
        nature: `"memoryless"`: an output sample depends on the input sample of the same time and
            channel alone; `"filter"`: linear and time-invariant; `"dynamic"`: time-invariant with
            memory, not linear; `"time_varying"`: the output depends on the position in the
            recording; `"opaque"`: nothing is known; `"source"`: makes sound from notes
        purpose: what it is used for
        parameters: its controls, in the order in which values are given
        gradient: what autograd can see: `"full"` its audio and controls, `"signal"` its audio
            alone, `"differences"` nothing, but differences of what its plugin plays are its
            derivatives; `"none"`: its plugin plays, and no derivative passes through it
        plugin: `(playback, **values) -> pedalboard.Plugin`, the effect that sounds the same; None
            when pedalboard has none
        twin: the name of that effect's class in pedalboard, so that it is known without making one
        pre_roll: `(sample_rate, **values of some controls) -> samples`: silence that the plugin
            plays before the recording, so that its oscillator is at `phase` there
        sections: `(sample_rate, **values of shape (batch,)) -> (batch, sections, 6)`, the
            coefficients b0 b1 b2 a0 a1 a2 of a linear filter, in the values' precision
        process: `(audio of shape (batch, channels, time), playback, **values of shape
            (batch,)) -> audio`, for effects that are not linear
        jvp: `(audio of shape (channels, time), tangents of shape (directions, channels, time),
            steps of the values of shape (own, parameters), playback, **values of shape (1,))
            -> (directions + own, channels, time)`: derivatives of the output of `process` along
            tangents of its audio, then along steps of its values, where this is faster than
            forward-mode autograd
        render: `(audio of shape (channels, time) in numpy, playback, **values) -> audio`: the
            effect without torch, for exported scripts; given when there is no plugin
        quantized: controls that the plugin cuts to whole samples: the output is piecewise
            constant in them and has no derivative
        affine: controls of which the output is an affine function, so that they can be solved
        input_gain: a control that is a gain before everything else that it does, dB
        gain_shifts: a gain of g dB before it equals one of g dB behind it when these controls move
            by so many times g; None: nothing of the kind is known. Filters need not say it
        output_levels: controls of which the output is a linear function: doubled when all of them
            are
        phase: a control that is the phase of its oscillator where the recording begins, °; a plugin
            of pedalboard has none
        limit: a control that is a level in dB, beyond which the signal is cut on both sides; that
            is all that it does
        odd_increasing: it is memoryless, and its curve is odd and increasing
        polarity_flips: a signal of opposite polarity gives the opposite output when these controls
            change their sign; None: nothing of the kind is known. Filters need not say it
        complement: the kind of effect that equals it at the opposite `gain_db`, but for a gain of
            `gain_db` behind it
        cross_channel: the output of one channel depends on another channel's input
        generalizes: the kind of effect that it equals at the default of those controls which that
            one does not have
        assets: names of what it plays with beside its controls, found in `playback.assets`; a
            plugin of pedalboard takes an asset's samples first and its rate as `sample_rate`
        draw_assets: `random numbers -> assets by name`, some that it may have; None: any sound
        check_assets: `assets by name -> None`; raises a ParameterError where it cannot play them
        whole: its plugin is late, so that it plays recordings whole, not in blocks
        sample_rates: those at which it plays, Hz; empty: all
        neutral: values at which it does nothing, where there are such
        probe: values at which every control changes the output
        evidence: what a pair of recordings says for it or, below 0, against it, about the
            logarithm of the odds, see `fxchain.primitives.evidence`; None says nothing
        starts: `(audio of shape (channels, time) in numpy, playback, echo_seconds) -> values`:
            where a fit may begin that inserts it behind that audio; else at `probe`
        moving_starts: `(pair: MovingPair) -> starts`: where a fit of a whole device may begin that
            moves at one of the rates of that pair, the most likely first
        realtime: the effect in C++17 for `fxchain.native`, a class named after its kind: it plays
            the same in blocks of any size, without latency
        not_realtime: where there is no such class, why not, in words that follow "because"
        static_curve: `(**values) -> StaticCurve`, what it is where it has that form
        faust: the effect in the language Faust, a definition named after its kind whose arguments
            are its controls, from one channel to one; it may use what `fxchain.export.faust`
            defines. None: it is not exported so
        version: raised when equal values begin to sound different
        added: controls that presets of this version may lack, as those from before it had them:
            they sound as at the defaults
        hosted: what is known of the plug-in of another maker that it is; None: it is one of ours
    """

    kind: str
    summary: str
    nature: Nature
    purpose: Purpose
    parameters: tuple[ParameterSpec, ...]
    gradient: Gradient
    plugin: Callable[..., pedalboard.Plugin] | None = None
    twin: str | None = None
    pre_roll: Callable[..., int] | None = None
    sections: Callable[..., Tensor] | None = None
    process: Callable[..., Tensor] | None = None
    jvp: Callable[..., Tensor] | None = None
    render: Callable[..., np.ndarray] | None = None
    quantized: frozenset[str] = frozenset()
    affine: frozenset[str] = frozenset()
    input_gain: str | None = None
    gain_shifts: Mapping[str, float] | None = None
    output_levels: tuple[str, ...] = ()
    phase: str | None = None
    limit: str | None = None
    odd_increasing: bool = False
    polarity_flips: frozenset[str] | None = None
    complement: str | None = None
    cross_channel: bool = False
    generalizes: str | None = None
    assets: tuple[str, ...] = ()
    draw_assets: Callable[[np.random.Generator], Mapping[str, Asset]] | None = None
    check_assets: Callable[[Mapping[str, Asset]], None] | None = None
    whole: bool = False
    sample_rates: tuple[int, ...] = ()
    neutral: Mapping[str, float] | None = None
    probe: Mapping[str, float] = field(default_factory=dict)
    evidence: Callable[[Evidence], float] | None = None
    starts: Callable[..., Sequence[Mapping[str, float]]] | None = None
    moving_starts: Callable[[MovingPair], Sequence[MovingStart]] | None = None
    realtime: str | None = None
    not_realtime: str = ""
    static_curve: Callable[..., StaticCurve] | None = None
    faust: str | None = None
    version: int = 1
    added: frozenset[str] = frozenset()
    hosted: PluginDescription | None = None

    def __reduce__(self) -> Any:
        """Pickle it by its name: what it is made of need not be picklable."""
        if self.hosted is not None:
            return _made, (self.hosted,)
        return _registered, (self.kind,)

    def __post_init__(self) -> None:
        names = [spec.name for spec in self.parameters]
        if len(set(names)) != len(names):
            raise ParameterError(f"{self.kind}: two parameters of one name")
        if self.plugin is None and self.render is None:
            raise ParameterError(f"{self.kind}: neither a plugin nor a numpy function plays it")
        if self.pre_roll is not None and self.plugin is None:
            raise ParameterError(f"{self.kind}: only a plugin plays silence first")
        if self.nature not in NATURES or self.purpose not in PURPOSES:
            raise ParameterError(
                f"{self.kind}: the nature is one of {', '.join(NATURES)}, and the purpose one of "
                f"{', '.join(PURPOSES)}"
            )
        if self.nature != "filter" and (self.sections or self.gradient == "signal"):
            raise ParameterError(f"{self.kind}: only a filter has sections or an impulse response")
        if self.nature == "filter":  # linear, so they follow
            object.__setattr__(self, "gain_shifts", self.gain_shifts or {})
            object.__setattr__(self, "polarity_flips", self.polarity_flips or frozenset())
        for name in self._named_controls():
            self.spec(name)
        by_plugin = self.gradient != "full"
        if by_plugin and self.plugin is None:
            raise ParameterError(f"{self.kind}: there is no plugin to play it")
        if sum((self.sections is not None, self.process is not None, by_plugin)) != 1:
            raise ParameterError(
                f"{self.kind}: state either sections, process or a plugin that plays it"
            )
        for values in (self.neutral or {}, self.probe):
            for name, value in values.items():
                self.spec(name).check(value)

    def _named_controls(self) -> tuple[str, ...]:
        single = tuple(
            name for name in (self.input_gain, self.limit, self.phase) if name is not None
        )
        several = (
            self.quantized,
            self.affine,
            self.added,
            self.gain_shifts or (),
            self.polarity_flips or (),
        )
        return (*single, *self.output_levels, *(name for names in several for name in names))

    @property
    def pre_roll_controls(self) -> tuple[str, ...]:
        """Return the controls that the length of the silence before the recording follows."""
        if self.pre_roll is None:
            return ()
        names = inspect.signature(self.pre_roll).parameters
        return tuple(spec.name for spec in self.parameters if spec.name in names)

    @property
    def in_pedalboard(self) -> bool:
        """Tell whether a Pedalboard plays it with nothing around its plugin."""
        alone = self.pre_roll is None and self.hosted is None and not self.whole
        return self.plugin is not None and alone

    @property
    def memoryless(self) -> bool:
        """Tell whether an output sample depends on the same input sample alone."""
        return self.nature == "memoryless"

    def plays_at(self, sample_rate: float) -> bool:
        """Tell whether it plays at a sample rate, Hz."""
        return not self.sample_rates or sample_rate in self.sample_rates

    def spec(self, name: str) -> ParameterSpec:
        """Return the control of that name.

        Raises:
            ParameterError: when there is none.
        """
        for spec in self.parameters:
            if spec.name == name:
                return spec
        known = ", ".join(spec.name for spec in self.parameters) or "none"
        raise ParameterError(f"{self.kind} has no parameter {name!r} (it has: {known})")


def _registered(kind: str) -> Primitive:
    """Return the effect of that name; in another process it is found there."""
    package = importlib.import_module("fxchain.primitives")
    found: Primitive = package.get_primitive(kind)
    return found


def _made(description: PluginDescription) -> Primitive:
    """Return the effect that a plug-in of another maker is."""
    module = importlib.import_module("fxchain.primitives.external")
    made: Primitive = module.external(description)
    return made
