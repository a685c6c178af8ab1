"""Plug-ins for 64-bit ARM, played on this machine by an emulator of the processor."""

import importlib.util
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from fxchain.native.compiler import Compiler, compiled
from fxchain.native.plugins import TARGETS

TARGET = TARGETS["linux-arm64"]
EMULATOR = shutil.which("qemu-aarch64")
#: Where Debian has the C library of this processor.
SYSTEM = Path("/usr/aarch64-linux-gnu")
SOURCE = Path(__file__).with_name("lv2_host.c")


def why_not() -> str | None:
    """Return why nothing can be played here, or None."""
    if EMULATOR is None:
        return "qemu-aarch64 is not installed (Debian and Ubuntu: apt-get install qemu-user)"
    if not (SYSTEM / "lib/libm.so.6").exists():
        return (
            "the C library is not installed (Debian and Ubuntu: apt-get install libc6-arm64-cross)"
        )
    if importlib.util.find_spec("ziglang") is None:
        return "ziglang is not installed"
    return None


def written_host(folder: Path) -> Path:
    """Write the small host for the processor, which is kept as the plug-ins are."""
    flags = ("-target", TARGET.triple, "-O1", "-g0", "-s")

    def made(compiler: Compiler) -> Path:
        compiler.run("cc", *flags, SOURCE.name, "-o", "host", "-ldl")
        return compiler.folder / "host"

    sources = {SOURCE.name: SOURCE.read_text(encoding="utf-8")}
    path = folder / "host"
    path.write_bytes(compiled("lv2-host.bin", "a host for arm64", sources, flags, made))
    path.chmod(0o700)
    return path


def emulated(host: Path, bundle: Path, audio: np.ndarray, rate: int, block: int) -> np.ndarray:
    """Return what the plug-in of a bundle makes of (channels, samples) in blocks of a size."""
    frames = np.ascontiguousarray(audio.T, dtype="<f4").tobytes()
    command = [EMULATOR, "-L", SYSTEM, host, bundle / "plugin.so", rate, len(audio), block]
    done = subprocess.run(list(map(str, command)), input=frames, capture_output=True)
    if done.returncode:
        pytest.fail(done.stderr.decode())
    return np.frombuffer(done.stdout, "<f4").reshape(-1, len(audio)).T
