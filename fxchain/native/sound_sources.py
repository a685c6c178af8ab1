"""The source of the sound sources of a synthesizer, assembled of what each states."""

from collections.abc import Iterable

from fxchain.native.cpp_text import class_name, cpp_text, knob_struct, knob_text
from fxchain.synth.sources import Source
from fxchain.synth.sources.controls import CONTROLS, LEVEL, WEIGHT

_SOURCES = """// Every sound source of a synthesizer, and the controls of a voice.
#include "sources.h"

#include <algorithm>
#include <cmath>

#include "math.h"

namespace fxchain {{

namespace {{
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
_CONTROLS = """// The controls that all sources of a voice share, in the order of voice_knobs().
#pragma once

namespace fxchain {{

{struct}

}}  // namespace fxchain
"""


def sources_source(sources: Iterable[Source]) -> str:
    """Return the source of `sources.cpp`."""
    given = list(sources)
    return _SOURCES.format(
        functions="".join(_function(each) for each in given if not each.noisy),
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


def _entry(source: Source) -> str:
    knobs = ", ".join(knob_text(spec) for spec in source.parameters)
    function = "nullptr" if source.noisy else _name(source)
    measured = "true" if source.measured else "false"
    return f"      {{{cpp_text(source.kind)}, {{{knobs}}}, {function}, {measured}}}"


def _name(source: Source) -> str:
    return f"{source.kind}_coefficients"
