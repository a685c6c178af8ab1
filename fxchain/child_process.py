"""Python processes that fxchain starts: they import nothing from the working folder.

A folder of recordings may hold files named as Python's own modules. Python puts the working folder
first on the path of `python -m`, where such a file would be run in place of the module.
"""

import os
import sys
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess


def module_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of fxchain in another process.

    Args:
        module: as `fxchain.batch.worker`
        arguments: of the module
    """
    return [sys.executable, "-P", "-m", module, *arguments]


def start_module(module: str) -> "subprocess.Popen[bytes]":
    """Start a module of fxchain that answers on its standard output what standard input asks.

    What it prints beside is thrown away, and Ctrl-C on the terminal does not reach it.

    Args:
        module: as `fxchain.optim.processes`
    """
    import subprocess

    return subprocess.Popen(
        module_command(module),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=module_environment(),
        start_new_session=True,
    )


def close_streams(process: "subprocess.Popen[bytes]") -> None:
    """Close the standard input and output of a process that has ended."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()


def module_environment(**variables: str) -> dict[str, str]:
    """Return the environment of `module_command`: this process' own, with a safe path.

    The other process imports from where this one does, without the working folder, unless fxchain
    itself lies in it. It reads and writes UTF-8, whatever the terminal has.

    Args:
        variables: of the environment that are to be set as well
    """
    paths = [os.path.abspath(path) for path in sys.path if path]
    path = os.pathsep.join(each for each in paths if not _is_unsafe(each))
    fixed = {
        "PYTHONSAFEPATH": "1",
        "PYTHONPATH": path,
        "PYTHONIOENCODING": "utf-8:backslashreplace",
    }
    return {**os.environ, **fixed, **variables}


def leave_working_folder() -> None:
    """Take the working folder off the path of `python -m fxchain`, unless fxchain lies in it."""
    words = sys.orig_argv
    as_module = any(pair == ("-m", "fxchain") for pair in pairwise(words))
    if as_module and not sys.flags.safe_path:
        sys.path[:] = [path for path in sys.path if not _is_unsafe(os.path.abspath(path))]


def _is_unsafe(path: str) -> bool:
    """Return whether a folder is the working folder, and fxchain is not imported from it."""
    try:
        return os.path.samefile(path, os.getcwd()) and not os.path.samefile(path, _HOME)
    except OSError:
        return False


#: The folder that fxchain is imported from.
_HOME = Path(__file__).parents[1]
