"""Programs and plug-ins for other machines, run on this one by what stands in for them."""

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from fxchain.native.compiler import Compiler, compiled
from fxchain.native.plugins import TARGETS, plugin_sources
from tests.native.compiled import HERE

#: Where Debian has the C library of 64-bit ARM.
ARM = "/usr/aarch64-linux-gnu"
#: Debian has wine's programs outside of the path.
PATH = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/lib/wine"))


@dataclass(frozen=True)
class Machine:
    """A machine that programs are made for.

    Attributes:
        machine: options of the compiler
        program: what stands in for it here
        arguments: that come before the name of a program
        packages: of Debian and Ubuntu that are needed
        files: without which nothing runs, beside the program
        libraries: what programs are linked with
    """

    machine: tuple[str, ...]
    program: str
    arguments: tuple[str, ...]
    packages: str
    files: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()

    def why_not(self) -> str | None:
        """Return why nothing can run here, or None."""
        there = shutil.which(self.program, path=PATH) is not None
        if not there or not all(Path(file).exists() for file in self.files):
            return f"not installed (Debian and Ubuntu: apt-get install {self.packages})"
        if importlib.util.find_spec("ziglang") is None:
            return "ziglang is not installed"
        return None

    def run(self, program: Path, *arguments: object, given: bytes = b"") -> bytes:
        """Return what a program for the machine writes."""
        start = [str(shutil.which(self.program, path=PATH)), *self.arguments]
        prefix = {"WINEPREFIX": str(program.parent / "wine"), "WINEDEBUG": "-all"}
        done = subprocess.run(
            [*start, str(program), *map(str, arguments)],
            input=given,
            capture_output=True,
            env={**os.environ, "WINEDLLOVERRIDES": "mscoree,mshtml=", **prefix},
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout


MACHINES = {
    "linux-arm64": Machine(
        ("-target", TARGETS["linux-arm64"].triple),
        "qemu-aarch64",
        ("-L", ARM),
        "qemu-user libc6-arm64-cross",
        (f"{ARM}/lib/libm.so.6",),
        ("-lm", "-ldl"),
    ),
    "windows-x86_64": Machine(
        ("-target", TARGETS["windows-x86_64"].triple), "wine64", (), "wine64"
    ),
    "webassembly": Machine(
        ("-target", "wasm32-wasi", "-msimd128"),
        "node",
        ("--no-warnings", str(HERE / "wasi.mjs")),
        "nodejs",
    ),
}


def written_program(machine: Machine, name: str, folder: Path) -> Path:
    """Write a program of one of the sources here for a machine; it is kept as the plug-ins are."""
    source = HERE / name
    sources = {**plugin_sources(), name: source.read_text(encoding="utf-8")}
    path = folder / f"{source.stem}.exe"

    def made(compiler: Compiler) -> Path:
        return compiler.link(machine.machine, (name,), machine.libraries)

    path.write_bytes(compiled(f"{source.stem}.bin", name, sources, machine, made))
    path.chmod(0o700)
    return path


def played(
    machine: Machine, host: Path, plugin: Path, audio: np.ndarray, rate: int, block: int
) -> np.ndarray:
    """Return what a plug-in makes of (channels, samples) in blocks of a size."""
    frames = np.ascontiguousarray(audio.T, dtype="<f4").tobytes()
    made = machine.run(host, plugin, rate, len(audio), block, given=frames)
    return np.frombuffer(made, "<f4").reshape(-1, len(audio)).T


def skip_without(machine: Machine) -> None:
    """Skip the test where nothing runs for the machine."""
    reason = machine.why_not()
    if reason is not None:
        pytest.skip(reason)
