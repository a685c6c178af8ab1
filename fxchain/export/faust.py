"""A preset as a program of the language Faust, with a slider for each control."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from fxchain.errors import ExportError
from fxchain.export.faust_macros import following, macro_name
from fxchain.native.knobs import MACROS, LiveKnob, live_knobs
from fxchain.native.macros import NO_MACROS, LiveMacros
from fxchain.native.plugins.names import shown_names
from fxchain.player import Routing
from fxchain.primitives import Primitive
from fxchain.stage import WEIGHT, Effect, Stage, stage_label
from fxchain.stage.slot import below

_HEAD = """// A chain of effects, written by fxchain from a preset.
// Compile it in double precision, as by faust -double.
declare name {name};
declare license "GPL-3.0-or-later";

// What the effects share.
SR = min(192000.0, max(1.0, fconstant(int fSamplingFreq, <math.h>)));
PI = 3.14159265358979323846;
tanh = ffunction(float tanhf|tanh|tanhl (float), <math.h>, "");
level(decibels) = pow(10.0, decibels / 20.0) * (decibels > -100.0);
held(frequency) = min(frequency, 0.45 * SR);
biquad(b0, b1, b2, a0, a1, a2) = forward : + ~ back
with {{
  forward = _ <: *(b0 / a0), (mem : *(b1 / a0)), (mem : mem : *(b2 / a0)) :> _;
  back = _ <: *(-1.0 * a1 / a0), (mem : *(-1.0 * a2 / a0)) :> _;
}};
// side is 1 for a low shelf, -1 for a high one.
shelf(frequency, gain_db, q, side) = biquad(b0, b1, b2, a0, a1, a2)
with {{
  amplitude = sqrt(level(gain_db));
  omega = 2.0 * PI * held(frequency) / SR;
  beta = sin(omega) * sqrt(amplitude) / q;
  less = amplitude - 1.0;
  more = amplitude + 1.0;
  turned = side * less * cos(omega);
  b0 = amplitude * (more - turned + beta);
  b1 = 2.0 * amplitude * side * (less - side * more * cos(omega));
  b2 = amplitude * (more - turned - beta);
  a0 = more + turned + beta;
  a1 = -2.0 * side * (less + side * more * cos(omega));
  a2 = more + turned - beta;
}};
"""
#: Sliders move in so many steps.
_STEPS = 1_000


def write_faust(
    stage: Stage,
    values: np.ndarray,
    routed: Routing | None = None,
    sample_rate: int = 44_100,
    title: str = "A chain of effects",
    macros: LiveMacros = NO_MACROS,
) -> str:
    """Return the program: as many channels as the preset was found on, or 2.

    Args:
        stage: the structure
        values: (stage.size,) physical values
        routed: how channels go into it and come out of it
        sample_rate: Hz, at which the delays of the routing are counted
        title: the name of the program
        macros: knobs that move values of the chain

    Raises:
        ExportError: a stage has no Faust code.
    """
    knobs = live_knobs(stage, values, macros)
    sliders = _sliders(knobs)
    turned = len(macros.specs)
    writer = _Writer(_controls(stage, values, macros, sliders[turned:]))
    chain = stage.visit(writer, values)
    named = [f"{macro_name(k)} = {sliders[k]};" for k in range(turned)]
    used = [f"// {each.summary}\n{(each.faust or '').strip()}\n" for each in writer.used]
    count = len(routed.inputs) if routed else 2
    inside = f"par(channel, {count}, chain)"
    if routed is not None:
        inside = " : ".join([*_into(routed), inside, *_out_of(routed, sample_rate)])
    head = _HEAD.format(name=json.dumps(title))
    return "\n".join([head, *used, *named, f"chain = {chain};", f"process = {inside};", ""])


class _Writer:
    """Writes the stages, each from one channel to one.

    Args:
        controls: by path and kind of each stage, its sliders, numbers, and values that follow
            macros; a weight has the path of its branch
    """

    def __init__(self, controls: Mapping[tuple[str, str], Sequence[str]]) -> None:
        self._controls = controls
        self._defined: dict[str, Primitive] = {}

    @property
    def used(self) -> list[Primitive]:
        """Return every effect that was written, once."""
        return list(self._defined.values())

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> str:
        """Return an effect with its sliders."""
        primitive = effect.primitive
        if primitive.faust is None:
            raise ExportError(
                f"{stage_label(path, primitive.kind)} has no Faust code; take it out of the chain, "
                "or export another format"
            )
        self._defined[primitive.kind] = primitive
        if not primitive.parameters:
            return primitive.kind
        return f"{primitive.kind}({', '.join(self._controls[path, primitive.kind])})"

    def chain(self, stages: Sequence[str], path: str) -> str:
        """Return stages in series."""
        return "(" + "\n  : ".join(stages or ["_"]) + ")"

    def mix(self, branches: Sequence[tuple[float, str]], path: str) -> str:
        """Return a weighted sum."""
        places = [below(path, "mix", index) for index in range(len(branches))]
        weights = [self._controls[place, "mix"][0] for place in places]
        rows = zip(weights, branches, strict=True)
        parts = ", ".join(f"({branch} : *({weight}))" for weight, (_, branch) in rows)
        return f"(_ <: {parts} :> _)"

    def channels(self, branches: Sequence[str], path: str) -> str:
        """Refuse a chain for each channel."""
        raise ExportError(
            f"{stage_label(path, 'channels')} has no Faust code; export another format"
        )


def _controls(
    stage: Stage, values: np.ndarray, macros: LiveMacros, sliders: Sequence[str]
) -> dict[tuple[str, str], list[str]]:
    """Return the controls of each stage by path and kind: sliders of those without a macro."""
    left, found = iter(sliders), dict[tuple[str, str], list[str]]()
    for index, (slot, value) in enumerate(zip(stage.slots(), values, strict=True)):
        if index in macros.moves:
            made = following(macros, index, slot.spec, float(value))
        else:
            made = repr(float(value)) if slot.spec == WEIGHT else next(left)
        found.setdefault((slot.path, slot.kind), []).append(made)
    return found


def _sliders(knobs: list[LiveKnob]) -> list[str]:
    """Return a slider for each knob, in groups of stages."""
    shown = shown_names(knobs)
    groups = list(dict.fromkeys([MACROS, *(each.group for each in shown)]))
    counts, made = Counter[str](), []
    for knob, names in zip(knobs, shown, strict=True):
        group = f"[{groups.index(names.group):03}]{names.group}"
        made.append(_slider(knob, f"v:{group}/[{counts[group]}]{names.name}"))
        counts[group] += 1
    return made


def _slider(knob: LiveKnob, path: str) -> str:
    """Return a slider whose label is the path of its group and its name."""
    spec = knob.spec
    unit = f"[unit:{spec.unit}]" if spec.unit else ""
    scale = "[scale:log]" if spec.scale == "log" else ""
    label = json.dumps(f"{path}{unit}{scale}", ensure_ascii=False)
    ends = f"{float(knob.value)!r}, {float(spec.low)!r}, {float(spec.high)!r}"
    step = float(spec.high - spec.low) / _STEPS
    return f"hslider({label}, {ends}, {step!r})"


def _into(routed: Routing) -> list[str]:
    """Return how the channels of a recording become those of the chain."""
    constants = ", ".join(f"-({float(each)!r})" for each in routed.constants)
    return [*([f"({constants})"] if any(routed.constants) else []), _matrix(routed.inputs)]


def _out_of(routed: Routing, sample_rate: int) -> list[str]:
    """Return how the channels of the chain become those that come out."""
    delays = ", ".join(
        f"@(int(rint({each} * SR / {float(sample_rate)!r})))" if each else "_"
        for each in routed.delays_samples
    )
    return [_matrix(routed.outputs), *([f"({delays})"] if any(routed.delays_samples) else [])]


def _matrix(rows: Sequence[Sequence[float]]) -> str:
    given = ", ".join("_" for _ in rows[0])
    sums = ("(" + ", ".join(f"*({float(each)!r})" for each in row) + " :> _)" for row in rows)
    return f"(({given}) <: {', '.join(sums)})"
