"""The source of the player, assembled of what each primitive states."""

import json
from collections.abc import Iterable
from importlib import resources

from fxchain.parameter import ParameterSpec
from fxchain.primitives import REGISTRY, Primitive

_HEAD = """// Every effect of the player, assembled of fxchain's primitives.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "biquad.h"
#include "convolver.h"
#include "cycles.h"
#include "delay_lines.h"
#include "effect.h"
#include "envelope.h"
#include "fading.h"
#include "math.h"
#include "measured_responses.h"
#include "oscillator.h"
#include "registry.h"
#include "response.h"

namespace fxchain {

namespace {

template <typename Made>
std::unique_ptr<AnyEffect> make() {
  return std::make_unique<Made>();
}
"""
_LIST = """
}}  // namespace

const std::vector<Kind>& kinds() {{
  static const std::vector<Kind> all = {{
{entries}
  }};
  return all;
}}

}}  // namespace fxchain
"""


def player_sources() -> dict[str, str]:
    """Return the text of every file of the player by its name, `effects.cpp` among them."""
    folder = resources.files("fxchain.native").joinpath("source")
    texts = {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()}
    texts["effects.cpp"] = effects_source(REGISTRY.values())
    return dict(sorted(texts.items()))


def effects_source(primitives: Iterable[Primitive]) -> str:
    """Return the source of `effects.cpp` for those of the primitives that have real-time code."""
    playing = [each for each in primitives if each.realtime is not None]
    parts = [_HEAD]
    for each in playing:
        parts.append(f"\n// {each.summary}\n{_knobs(each)}\n{(each.realtime or '').strip()}\n")
    entries = ",\n".join(_entry(each) for each in playing)
    return "".join([*parts, _LIST.format(entries=entries)])


def class_name(kind: str) -> str:
    """Return the name of the C++ class of a kind of effect: `ring_modulator`, `RingModulator`."""
    return "".join(word.capitalize() for word in kind.split("_"))


def _knobs(primitive: Primitive) -> str:
    """Return the struct of an effect's controls by name, made of their values in order."""
    name = f"{class_name(primitive.kind)}Knobs"
    names = [spec.name for spec in primitive.parameters]
    if not names:
        return f"struct {name} {{\n  explicit {name}(const double*) {{}}\n}};"
    taken = ", ".join(f"{each}(values[{place}])" for place, each in enumerate(names))
    return (
        f"struct {name} {{\n  double {', '.join(names)};\n"
        f"  explicit {name}(const double* values) : {taken} {{}}\n}};"
    )


def _entry(primitive: Primitive) -> str:
    knobs = ", ".join(_knob(spec) for spec in primitive.parameters)
    made = class_name(primitive.kind)
    return f"      {{{_text(primitive.kind)}, {{{knobs}}}, make<{made}>}}"


def _knob(spec: ParameterSpec) -> str:
    ends = ", ".join(repr(float(each)) for each in (spec.low, spec.high, spec.default))
    scale = "true" if spec.scale == "log" else "false"
    whole = "true" if spec.choices else "false"
    return f"{{{_text(spec.name)}, {_text(spec.unit)}, {ends}, {scale}, {whole}}}"


def _text(words: str) -> str:
    """Return a C++ text; what is no ASCII in it stays UTF-8."""
    return json.dumps(words, ensure_ascii=False)
