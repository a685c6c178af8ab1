"""A stage as a Python script that plays it with pedalboard alone."""

import ast
import base64
import inspect
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np

from fxchain.dsp.frequency_limit import HIGHEST_FREQUENCY
from fxchain.export.calls import INDENT, LINE, Call, Code, Knobs
from fxchain.export.macro_script import ScriptMacros
from fxchain.hosting.description import PluginDescription
from fxchain.parameter import ParameterSpec
from fxchain.player import Asset, Routing, asset, embedded, playback
from fxchain.primitives.plugin_name import plugin_name
from fxchain.stage import WEIGHT, Effect, Stage, knob_name
from fxchain.stage.slot import below

_HEADER = '''"""{title}

    python board.py IN OUT{usage}

plays the file IN into OUT, a 32-bit float WAV file. In Python, `build(sample_rate)` returns
{returned}.

Needs pedalboard, numpy and soundfile. Written by fxchain from a preset.
"""'''
_PEDALBOARD = "a pedalboard.Pedalboard"
_SERIES = """the chain, to be called as a Pedalboard is: chain(audio, sample_rate, reset=True)
and chain.reset(). It is not a Pedalboard itself, because {reasons}"""
_ROUTED = """the chain with the routing of its channels around it, to be called as a Pedalboard is:
chain(audio, sample_rate, reset=True) and chain.reset()"""
_THIRD_PARTY = {"numpy", "pedalboard", "soundfile"}


def write_script(
    stage: Stage,
    values: np.ndarray,
    routed: Routing | None = None,
    sample_rate: int = 44_100,
    macros: ScriptMacros | None = None,
) -> str:
    """Return the source of a script that plays a stage.

    Args:
        stage: the structure
        values: (stage.size,) physical values
        routed: how channels go into it and come out of it
        sample_rate: Hz, at which the delays of the routing are counted
        macros: knobs that move values
    """
    from fxchain.player import (
        external_plugin,
        macro_run,
        playing,
        pre_roll,
        routing,
        stages,
        weights,
    )
    from fxchain.player import macros as macro_curves

    macros = macros or ScriptMacros()
    writer = _Writer(macros)
    code = stage.visit(writer, values)
    modules = [playing]
    modules += [] if code.plain else [asset, playback, stages]
    modules += [] if routed is None else [routing]
    modules += [macro_curves, macro_run] if macros.ranges else []
    modules += [weights] if writer.weighted else []
    modules += [external_plugin] if writer.external else []
    modules += [embedded] if writer.assets else []
    modules += [pre_roll] if writer.pre_rolled else []
    modules += writer.helpers
    returned = _PEDALBOARD if code.plain else _SERIES.format(reasons=writer.reasons())
    if routed is not None:
        returned = _ROUTED
    opening = Call("pedalboard.Pedalboard" if code.plain else "Series", code.items)
    build = [*macros.head(), *_returned(opening, routed, sample_rate)]
    parts = [
        _HEADER.format(title="A chain of effects.", usage=macros.usage(), returned=returned),
        _imports(modules),
        "\n" + "\n".join(build),
        *(f"\n{_body(module)}" for module in modules),
        *(f"\n{_function(kind, source)}" for kind, source in writer.functions.items()),
        *([_frames(writer.assets)] if writer.assets else []),
        '\nif __name__ == "__main__":\n    sys.exit(' + macros.run() + ")\n",
    ]
    return "\n\n".join(parts)


def _returned(opening: Call, routed: Routing | None, sample_rate: int) -> list[str]:
    """Return the lines of `build` that make the board, with its routing around it."""
    if routed is None:
        return opening.lines(INDENT, before="return ")
    inputs, outputs = ([list(row) for row in each] for each in (routed.inputs, routed.outputs))
    delays = [f"round({delay} * sample_rate / {sample_rate})" for delay in routed.delays_samples]
    constants = f", {list(routed.constants)!r}" if any(routed.constants) else ""
    return [
        *opening.lines(INDENT, before="chain = "),
        f"{INDENT}inputs = {inputs!r}",
        f"{INDENT}outputs = {outputs!r}",
        f"{INDENT}delays_samples = [{', '.join(delays)}]",
        f"{INDENT}return Routed(chain, inputs, outputs, delays_samples{constants})",
    ]


@dataclass
class _Writer:
    """Writes the stages of a board, call by call as `BoardBuilder` builds them.

    Attributes:
        macros: what moves values
        functions: for each effect without a plugin, the source that plays it
        helpers: the modules of the player that these sources call
        assets: those used, in signal order
        weighted: there is a mix
        per_channel: channels go through stages of their own
        pre_rolled: plugins that play silence first
        external: the names of plug-ins of other makers
        whole: the names of plugins that play recordings whole
    """

    macros: ScriptMacros
    functions: dict[str, str] = field(default_factory=dict)
    helpers: list[ModuleType] = field(default_factory=list)
    assets: list[Asset] = field(default_factory=list)
    weighted: bool = False
    per_channel: bool = False
    pre_rolled: list[str] = field(default_factory=list)
    external: list[str] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)

    def reasons(self) -> str:
        """Return why the board is no Pedalboard."""
        chains = ["chains of single channels"] if self.per_channel else []
        missing = [*self.functions, *self.pre_rolled, *self.external, *chains]
        found = [f"pedalboard has no {' and no '.join(missing)}"] if missing else []
        found += [f"{name} plays recordings whole" for name in dict.fromkeys(self.whole)]
        return " and ".join(found)

    def effect(self, effect: Effect, values: np.ndarray, path: str) -> Code:
        """Return the call that makes an effect's plugin or numpy stage."""
        primitive = effect.primitive
        if primitive.hosted is not None:
            return self._plugin(primitive.hosted, effect.arguments(values))
        pairs = zip(primitive.parameters, values, strict=True)
        knobs = [f"{spec.name}={self._argument(spec, value, path)}" for spec, value in pairs]
        if primitive.plugin is None and primitive.render is not None:
            self.functions[primitive.kind] = inspect.getsource(primitive.render)
            called = [each for each in _called(primitive.render) if each not in self.helpers]
            self.helpers += called
            assets = [
                f"{name!r}: Asset({self._samples(used)}, {used.sample_rate})"
                for name, used in effect.assets.items()
            ]
            given = [f"{{{', '.join(assets)}}}"] if assets else []
            call = Knobs("NumpyStage", (primitive.kind, *given, *knobs))
            return Code((call,), plain=False)
        for used in effect.assets.values():
            knobs = [self._samples(used), *knobs, f"sample_rate={used.sample_rate}"]
        name = f"pedalboard.{plugin_name(primitive)}"
        if primitive.whole:
            self.whole.append(str(plugin_name(primitive)))
            inner = Knobs(name, tuple(knobs)).lines("")[0]
            return Code((Knobs("Whole", (inner,)),), plain=False)
        if primitive.pre_roll is None:
            return Code((Knobs(name, tuple(knobs)),), plain=True)
        self.pre_rolled.append(primitive.kind)
        length = [each for each in knobs if _name(each) in primitive.pre_roll_controls]
        plugin = [each for each in knobs if _name(each) != primitive.phase]
        silence = f"{primitive.pre_roll.__name__}(sample_rate, {', '.join(length)})"
        call = Knobs("PreRolled", (f"{name}({', '.join(plugin)})", silence))
        return Code((call,), plain=False)

    def _plugin(self, known: PluginDescription, values: dict[str, float]) -> Code:
        """Return the call that makes a plug-in of another maker."""
        self.external.append(known.name)
        settings = (
            "{" + ", ".join(f"{k!r}: {v!r}" for k, v in known.positions(values).items()) + "}"
        )
        given = (known.file, known.name, known.sha256, known.state)
        call = Knobs("ExternalPlugin", (*(repr(each) for each in given), settings))
        return Code((call,), plain=False)

    def _argument(self, spec: ParameterSpec, value: float, path: str) -> str:
        """Return the expression of the value of a control."""
        if spec.enumeration:
            return f"pedalboard.{spec.enumeration}({round(value)})"
        expression = self.macros.expression(knob_name(path, spec.name), spec, value)
        return _clamped(expression) if spec.unit == "Hz" else expression

    def _samples(self, used: Asset) -> str:
        """Return the expression for the samples of an asset, whose frames are kept."""
        number = len(self.assets)
        self.assets.append(used)
        return f"decode_frames(FRAMES_{number}, channels={used.samples.shape[0]})"

    def chain(self, stages: Sequence[Code], path: str) -> Code:
        """Return the calls of a chain."""
        joined = tuple(item for stage in stages for item in stage.items)
        return Code(joined, all(stage.plain for stage in stages))

    def mix(self, branches: Sequence[tuple[float, Code]], path: str) -> Code:
        """Return the calls of a sum whose branches end with their weights."""
        self.weighted = True
        plain = all(branch.plain for _, branch in branches)
        series = "pedalboard.Chain" if plain else "Series"
        total = "pedalboard.Mix" if plain else "Sum"
        weights = [
            self._argument(WEIGHT, weight, below(path, "mix", at))
            for at, (weight, _) in enumerate(branches)
        ]
        parts = tuple(
            Call(series, (*branch.items, Knobs("*weight", (weight,))))
            for weight, (_, branch) in zip(weights, branches, strict=True)
        )
        return Code((Call(total, parts),), plain)

    def channels(self, branches: Sequence[Code], path: str) -> Code:
        """Return the calls of stages of which each plays a channel."""
        self.per_channel = True
        parts = tuple(Call("Series", branch.items) for branch in branches)
        return Code((Call("PerChannel", parts),), plain=False)


def _called(function: Callable[..., Any]) -> list[ModuleType]:
    """Return the modules of the player whose functions another function calls."""
    known = inspect.getclosurevars(function).globals.values()
    modules = [inspect.getmodule(each) for each in known if inspect.isfunction(each)]
    player = "fxchain.player."
    found = [each for each in modules if each is not None and each.__name__.startswith(player)]
    return list(dict.fromkeys(found))


def _name(argument: str) -> str:
    """Return the name of an argument that is given by name."""
    return argument.partition("=")[0]


def _clamped(frequency_hz: str) -> str:
    """Return the expression of a frequency, clamped as the sample rate demands."""
    return f"min({frequency_hz}, {HIGHEST_FREQUENCY} * sample_rate)"


def _function(kind: str, source: str) -> str:
    """Return a primitive's numpy function under the primitive's name."""
    return re.sub(r"^def \w+\(", f"def {kind}(", textwrap.dedent(source), count=1).rstrip()


def _frames(assets: Sequence[Asset]) -> str:
    """Return assets as base64 little-endian float32 frames."""
    parts = ["\n# Assets: base64 of little-endian float32 frames."]
    for number, used in enumerate(assets):
        text = base64.b64encode(used.frames).decode()
        lines = textwrap.wrap(text, LINE)
        parts.append(f'FRAMES_{number} = """\n' + "\n".join(lines) + '\n"""')
    return "\n".join(parts)


def _imports(modules: Sequence[ModuleType]) -> str:
    """Return what the modules import, each name once, the standard library first."""
    names: dict[str, set[str]] = {}
    lines = {"import numpy as np", "import pedalboard", "import sys"}
    for module in modules:
        for node in ast.parse(inspect.getsource(module)).body:
            if isinstance(node, ast.Import):
                lines.add(ast.unparse(node))
            elif isinstance(node, ast.ImportFrom) and not (node.module or "").startswith("fxchain"):
                names.setdefault(node.module or "", set()).update(a.name for a in node.names)
    lines |= {f"from {source} import {', '.join(sorted(names[source]))}" for source in names}
    standard = sorted(
        (line for line in lines if line.split()[1] not in _THIRD_PARTY),
        key=lambda line: (line.startswith("from"), line),
    )
    third_party = sorted(line for line in lines if line.split()[1] in _THIRD_PARTY)
    return "\n".join([*standard, "", *third_party])


def _body(module: ModuleType) -> str:
    """Return a module's source without its docstring and imports."""
    source = inspect.getsource(module)
    head = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Expr)
    ]
    start = max(node.end_lineno or 0 for node in head)
    return "\n".join(source.splitlines()[start:]).strip()
