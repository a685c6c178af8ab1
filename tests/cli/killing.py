"""Runs `fxchain match` many times and kills it; called by test_killed.py in a process of its own.

    python killing.py COUNT SEED [ARGUMENTS OF MATCH WITHOUT --out]

The libraries are loaded once, and each run is a fork of this process. The first run is left alone
and measured, the others are killed after a random part of its time: into `out-0`, `out-1` …
"""

import os
import random
import signal
import sys
import time

import torch

from fxchain.cli import app
from fxchain.matching.search.schedule import fit
from fxchain.stage.compilation import compile_stages


def begin(arguments: list[str]) -> int:
    """Begin a run and return its process."""
    child = os.fork()
    if child:
        return child
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    code = 1
    try:
        app(["match", *arguments])
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        os._exit(code)


def main() -> None:
    """Run, measure, kill."""
    assert callable(fit)  # loaded before the first fork
    torch.set_num_threads(1)  # threads of this process are not those of its forks
    compile_stages()
    count, seed, *arguments = sys.argv[1:]
    chance = random.Random(int(seed))
    began = time.monotonic()
    child = begin([*arguments, "--out", "out-0"])
    assert os.waitpid(child, 0)[1] == 0
    whole = time.monotonic() - began
    for number in range(1, int(count) + 1):
        child = begin([*arguments, "--out", f"out-{number}"])
        time.sleep(chance.uniform(0.0, 1.1) * whole)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
