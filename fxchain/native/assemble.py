"""The source of the player, assembled of what each primitive and each sound source states."""

from collections.abc import Iterable
from importlib import resources

from fxchain.native.cpp_text import class_name, cpp_text, knob_struct, knob_text
from fxchain.native.sound_sources import sources_source, voice_controls
from fxchain.native.synth_constants import synth_constants
from fxchain.primitives import REGISTRY, Primitive
from fxchain.synth.drum.sources import DRUM_SOURCES
from fxchain.synth.sources import SOURCES

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
#include "loop_filter.h"
#include "math.h"
#include "measured_responses.h"
#include "oscillator.h"
#include "registry.h"
#include "response.h"
#include "table_cycles.h"

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
    """Return the text of every file of the player by its name, the assembled ones among them."""
    folder = resources.files("fxchain.native").joinpath("source")
    texts = {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir()}
    texts["effects.cpp"] = effects_source(REGISTRY.values())
    texts["sources.cpp"] = sources_source(SOURCES.values(), DRUM_SOURCES.values())
    texts["synth_constants.h"] = synth_constants()
    texts["voice_controls.h"] = voice_controls()
    return dict(sorted(texts.items()))


def effects_source(primitives: Iterable[Primitive]) -> str:
    """Return the source of `effects.cpp` for those of the primitives that have real-time code."""
    playing = [each for each in primitives if each.realtime is not None]
    parts = [_HEAD]
    for each in playing:
        struct = knob_struct(f"{class_name(each.kind)}Knobs", each.parameters)
        parts.append(f"\n// {each.summary}\n{struct}\n{(each.realtime or '').strip()}\n")
    entries = ",\n".join(_entry(each) for each in playing)
    return "".join([*parts, _LIST.format(entries=entries)])


def _entry(primitive: Primitive) -> str:
    knobs = ", ".join(knob_text(spec) for spec in primitive.parameters)
    made = class_name(primitive.kind)
    return f"      {{{cpp_text(primitive.kind)}, {{{knobs}}}, make<{made}>}}"
