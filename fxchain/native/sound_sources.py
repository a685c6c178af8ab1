"""The source of the sound sources of a synthesizer, assembled of what each states."""

from collections.abc import Iterable

from fxchain.native.cpp_text import class_name, cpp_text, knob_struct, knob_text
from fxchain.synth.drum.sources import DrumSource
from fxchain.synth.sources import Source
from fxchain.synth.sources.controls import CONTROLS, LEVEL, WEIGHT

_SOURCES = """// Every sound source of a synthesizer, and the controls of a voice.
#include "drum_part.h"
#include "sources.h"

#include <algorithm>
#include <cmath>

#include "math.h"

namespace fxchain {{

namespace {{

template <typename Made>
std::unique_ptr<DrumPart> make() {{
  return std::make_unique<Made>();
}}
{functions}
}}  // namespace

const std::vector<SourceKind>& source_kinds() {{
  static const std::vector<SourceKind> all = {{
{entries}
  }};
  return all;
}}

const std::vector<Knob>& voice_knobs() {{
  static const std::vector<Knob> all = {{
{controls}
  }};
  return all;
}}

const std::vector<DrumKind>& drum_kinds() {{
  static const std::vector<DrumKind> all = {{
{drums}
  }};
  return all;
}}

const Knob& level_knob() {{
  static const Knob one = {level};
  return one;
}}

const Knob& weight_knob() {{
  static const Knob one = {weight};
  return one;
}}

}}  // namespace fxchain
"""
_FUNCTION = """
// {title}.
{struct}
void {name}([[maybe_unused]] const double* values,
    [[maybe_unused]] const std::vector<double>& cycle, int count,
    [[maybe_unused]] double* real, [[maybe_unused]] double* imaginary) {{
  [[maybe_unused]] const {knobs} knobs(values);
  {body}
}}
"""
_DRUM = """
// {title}.
{struct}
class {name} : public DrumPart {{
 protected:
  double decay_ms(const double* values) const override {{ return {knobs}(values).decay_ms; }}

  {body}
}};
"""
_CONTROLS = """// The controls that all sources of a voice share, in the order of voice_knobs().
#pragma once

namespace fxchain {{

{struct}

}}  // namespace fxchain
"""


def sources_source(sources: Iterable[Source], drums: Iterable[DrumSource]) -> str:
    """Return the source of `sources.cpp`: sources of voices, and of drums."""
    given, hit = list(sources), list(drums)
    functions = [_function(each) for each in given if not each.noisy]
    return _SOURCES.format(
        functions="".join(functions + [_drum(each) for each in hit]),
        drums=",\n".join(_drum_entry(each) for each in hit),
        entries=",\n".join(_entry(each) for each in given),
        controls=",\n".join(f"      {knob_text(spec)}" for spec in CONTROLS),
        level=knob_text(LEVEL),
        weight=knob_text(WEIGHT),
    )


def voice_controls() -> str:
    """Return the source of `voice_controls.h`."""
    return _CONTROLS.format(struct=knob_struct("VoiceControls", CONTROLS))


def _function(source: Source) -> str:
    """Return the function that writes the Fourier coefficients of a source."""
    knobs = f"{class_name(source.kind)}Knobs"
    return _FUNCTION.format(
        title=source.title,
        struct=knob_struct(knobs, source.parameters),
        name=_name(source),
        knobs=knobs,
        body=source.realtime.strip(),
    )


def _drum(source: DrumSource) -> str:
    """Return the class that plays a source of a drum."""
    name = class_name(source.kind)
    return _DRUM.format(
        title=source.title,
        struct=knob_struct(f"{name}Knobs", source.parameters),
        name=name,
        knobs=f"{name}Knobs",
        body=source.realtime.strip(),
    )


def _drum_entry(source: DrumSource) -> str:
    knobs = ", ".join(knob_text(spec) for spec in source.parameters)
    made = class_name(source.kind)
    return f"      {{{cpp_text(source.kind)}, {{{knobs}}}, make<{made}>}}"


def _entry(source: Source) -> str:
    knobs = ", ".join(knob_text(spec) for spec in source.parameters)
    function = "nullptr" if source.noisy else _name(source)
    measured = "true" if source.measured else "false"
    return f"      {{{cpp_text(source.kind)}, {{{knobs}}}, {function}, {measured}}}"


def _name(source: Source) -> str:
    return f"{source.kind}_coefficients"
