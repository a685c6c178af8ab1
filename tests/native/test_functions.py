"""The elementary functions of the player: those of the C library here, and equal everywhere."""

import subprocess

import pytest

from tests.native.compiled import COMPILER, FLAGS, HERE
from tests.native.equal import other_functions
from tests.native.machines import MACHINES, skip_without, written_program

SOURCE = HERE / "functions.cpp"
#: By how many units in the last place a function of double precision may differ from that of the C
#: library, as the headers say.
MOST_UNITS = {
    "sin": 1,
    "cos": 1,
    "tan": 2,
    "tanh": 3,
    "exp": 1,
    "log": 2,
    "log10": 3,
    "power_of_ten": 1,
}

# the first time ever, the compiler makes the C library of each machine too, which takes minutes
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def program(programs):
    """Return the program of the functions for this machine."""
    return programs.link(SOURCE)


def run(program, *arguments):
    """Return what a program for this machine writes."""
    return subprocess.run([program, *map(str, arguments)], capture_output=True, check=True).stdout


def test_single_precision_has_every_bit_of_the_c_library_and_double_is_near(program):
    reason = other_functions()
    if reason is not None:
        pytest.skip(reason)
    rows = [line.split() for line in run(program, 2_000_000, "compare").decode().splitlines()]
    assert len(rows) == 16
    for name, different, units in rows:
        if name.endswith("_single"):
            assert int(different) == 0, name
        else:
            assert float(units) <= MOST_UNITS[name], name


@pytest.mark.parametrize(
    ("call", "compiles"),
    [("pow(10.0f, 0.5f)", True), ("power_of_ten(0.5)", True), ("pow(10.0, 0.5)", False)],
)
def test_a_power_of_double_precision_is_not_rounded_to_single_silently(programs, call, compiles):
    source = f'#include "math.h"\nnamespace fxchain {{ double made() {{ return {call}; }} }}\n'
    command = [COMPILER, *FLAGS, "-fsyntax-only", "-x", "c++", "-"]
    done = subprocess.run(
        command, input=source, cwd=programs.folder, capture_output=True, text=True
    )
    assert (done.returncode == 0) == compiles, done.stderr
    assert compiles or "power_of_ten" in done.stderr


@pytest.mark.parametrize("name", MACHINES)
def test_every_machine_computes_the_same_bits(program, name, tmp_path):
    machine = MACHINES[name]
    skip_without(machine)
    other = written_program(machine, SOURCE.name, tmp_path)
    assert machine.run(other, 20_000).split() == run(program, 20_000).split()
    assert run(program, 20_000) != run(program, 20_001)
