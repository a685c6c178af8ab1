"""The machine that figures were measured on."""

import platform
from pathlib import Path
from typing import Any

from fxchain.optim.cores import usable_cores

_CPU_FILE = Path("/proc/cpuinfo")


def machine() -> dict[str, Any]:
    """Return processor, number of cores that may be used, and operating system."""
    return {
        "processor": _processor(),
        "cores": usable_cores(),
        "system": platform.system(),
        "architecture": platform.machine(),
    }


def _processor() -> str:
    """Return the processor's name; in full on Linux only."""
    if _CPU_FILE.is_file():
        for line in _CPU_FILE.read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or "unknown"
