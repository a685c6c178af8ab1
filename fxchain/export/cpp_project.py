"""A preset as a C++17 project: the player, the preset as its data, a CMakeLists.txt."""

import numpy as np

from fxchain.native import NO_MACROS, LiveMacros, live_knobs, player_sources, preset_data
from fxchain.player import Routing
from fxchain.stage import Stage

_CMAKE = """cmake_minimum_required(VERSION 3.16)
project(fxchain_player CXX)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# The player with its preset, to be linked with a plug-in or a program of your own.
add_library(fxchain_player STATIC player.cpp effects.cpp sources.cpp preset.cpp)
target_compile_features(fxchain_player PUBLIC cxx_std_17)
target_include_directories(fxchain_player PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
# Fused operations would round otherwise than pedalboard does.
if(NOT MSVC)
  target_compile_options(fxchain_player PRIVATE -ffp-contract=off)
endif()

# render RATE CHANNELS < in > out: frames of little-endian 32-bit floats.
add_executable(render render.cpp)
target_link_libraries(render PRIVATE fxchain_player)
"""
_README = """# A chain of effects as C++17

Written by fxchain from a preset. Nothing but a C++17 compiler is needed:

    cmake -B build && cmake --build build

makes the library `fxchain_player` and the program `render`, which plays frames of little-endian
32-bit floats:

    ffmpeg -i in.wav -f f32le - | build/render 44100 2 > out.f32

In a program of your own:

    #include "preset.h"

    fxchain::Player player(fxchain_preset, fxchain_preset_size);
    int outputs = player.prepare(44100.0, 2);  // sample rate, channels of the recording
    player.play(inputs, outputs, count);       // in the audio thread, any number of samples
    player.set(0, -3.0);                       // the first knob, between two blocks

`player.knob(k)` has the name, the unit and the range of a knob, `player.path(k)` the stage that it
belongs to, or `macros`. `prepare` allocates and throws std::runtime_error where the chain does not
play at a sample rate; `play` and `set` behind it neither allocate nor lock.

The knobs:

{knobs}

The licence of this source is that of fxchain: GPL-3.0-or-later.
"""
_HEADER = """// The preset as bytes, for fxchain::Player.
#pragma once

#include <cstddef>

#include "player.h"

extern const unsigned char fxchain_preset[];
extern const std::size_t fxchain_preset_size;
"""
_DATA = """#include "preset.h"

const unsigned char fxchain_preset[] = {{
{numbers}}};
const std::size_t fxchain_preset_size = sizeof(fxchain_preset);
"""
#: The files of the player that a browser or a plug-in needs.
_OTHERS = ("web.cpp", "runtime.cpp")
#: Bytes in a line.
_ROW = 16


def write_project(
    stage: Stage,
    values: np.ndarray,
    routed: Routing | None = None,
    sample_rate: int = 44_100,
    macros: LiveMacros = NO_MACROS,
) -> dict[str, str]:
    """Return the text of every file of the project by its name.

    Args:
        stage: the structure
        values: (stage.size,) physical values
        routed: how channels go into it and come out of it
        sample_rate: Hz, at which the delays of the routing are counted
        macros: knobs that move values of the chain

    Raises:
        ExportError: a stage has no real-time code.
    """
    data = preset_data(stage, values, routed, sample_rate, macros)
    rows = (", ".join(map(str, data[at : at + _ROW])) for at in range(0, len(data), _ROW))
    numbers = "".join(f"    {row},\n" for row in rows)
    knobs = "\n".join(f"    {knob}" for knob in live_knobs(stage, values, macros))
    return {
        **{name: text for name, text in player_sources().items() if name not in _OTHERS},
        "preset.h": _HEADER,
        "preset.cpp": _DATA.format(numbers=numbers),
        "CMakeLists.txt": _CMAKE,
        "README.md": _README.format(knobs=knobs or "    none"),
    }
