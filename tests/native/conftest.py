"""The player, compiled once."""

import subprocess

import pytest

from fxchain.native import player_sources
from tests.native.compiled import COMPILER, FLAGS, LINKED, Programs

DATA = """#include <cstddef>
extern const unsigned char fxchain_preset[] = {0};
extern const std::size_t fxchain_preset_size = 0;
"""


@pytest.fixture(scope="session")
def programs(tmp_path_factory):
    """Return the programs that play presets; without a compiler the tests are skipped."""
    if COMPILER is None:
        pytest.skip("no C++ compiler is installed (c++, g++ or clang++)")
    folder = tmp_path_factory.mktemp("player")
    for name, text in {**player_sources(), "preset.cpp": DATA}.items():
        (folder / name).write_text(text, encoding="utf-8")
    subprocess.run(
        [COMPILER, *FLAGS, "-c", *(f"{name}.cpp" for name in LINKED)], cwd=folder, check=True
    )
    return Programs(folder)
