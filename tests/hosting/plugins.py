"""Plug-ins that tests may use: Debian's zam-plugins."""

from pathlib import Path

import pytest

FOLDER = Path("/usr/lib/vst3")

needs_plugins = pytest.mark.skipif(
    not (FOLDER / "ZamEQ2.vst3").exists(),
    reason="zam-plugins are not installed (Debian and Ubuntu: apt-get install zam-plugins)",
)


def file_of(name: str) -> str:
    """Return the file of a plug-in."""
    return str(FOLDER / f"{name}.vst3")
