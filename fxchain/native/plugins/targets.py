"""The machines that plug-ins are made for."""

import platform
import sys
from dataclasses import dataclass

from fxchain.errors import ExportError


@dataclass(frozen=True)
class Target:
    """A machine.

    Attributes:
        name: as in the command
        triple: as the compiler calls it
        libraries: what is linked
        vst3_folder: of a VST3 bundle, where its binary lies
        suffix: of a VST3's binary
        library_suffix: of other shared libraries
        flags: of the compiler
    """

    name: str
    triple: str
    libraries: tuple[str, ...]
    vst3_folder: str
    suffix: str
    library_suffix: str
    flags: tuple[str, ...] = ()

    @property
    def is_macos(self) -> bool:
        """Whether plug-ins are folders with a property list, and what lies in them is signed."""
        return self.vst3_folder == "MacOS"


_LIBRARIES = ("-lm", "-ldl")
_FLAGS = ("-fPIC",)
_GLIBC = "linux-gnu.2.17"

TARGETS = {
    each.name: each
    for each in (
        Target(
            "linux-x86_64", f"x86_64-{_GLIBC}", _LIBRARIES, "x86_64-linux", ".so", ".so", _FLAGS
        ),
        Target(
            "linux-arm64", f"aarch64-{_GLIBC}", _LIBRARIES, "aarch64-linux", ".so", ".so", _FLAGS
        ),
        Target("windows-x86_64", "x86_64-windows-gnu", (), "x86_64-win", ".vst3", ".dll"),
        Target("macos-x86_64", "x86_64-macos", (), "MacOS", "", ".dylib", _FLAGS),
        Target("macos-arm64", "aarch64-macos", (), "MacOS", "", ".dylib", _FLAGS),
    )
}


def target_named(name: str) -> Target:
    """Return a target.

    Raises:
        ExportError: there is none of this name.
    """
    if name not in TARGETS:
        raise ExportError(f"--target {name}: there is no such target; one of {', '.join(TARGETS)}")
    return TARGETS[name]


def own_target() -> Target:
    """Return the target of this machine.

    Raises:
        ExportError: plug-ins are not made for it.
    """
    system = {"linux": "linux", "darwin": "macos", "win32": "windows"}.get(sys.platform, "?")
    machine = {"amd64": "x86_64", "aarch64": "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    name = f"{system}-{machine}"
    if name not in TARGETS:
        raise ExportError(
            f"plug-ins are not made for this machine ({name}); name another by --target, one of "
            f"{', '.join(TARGETS)}"
        )
    return TARGETS[name]
