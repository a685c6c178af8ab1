"""The compiler `ziglang`, and what it made, kept for the next time."""

import hashlib
import importlib.util
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from fxchain.child_process import module_command, module_environment
from fxchain.errors import ExportError
from fxchain.files.kept_files import cache_folder, keep_file

#: Fused operations would round otherwise than pedalboard does. Exceptions, types at run time and
#: locked statics would need the compiled part of the C++ library, which the compiler makes of its
#: source for each machine, in minutes; not every linker runs static destructors where a library is
#: unloaded, so there are none.
_FLAGS = (
    *("-std=c++17", "-O2", "-g0", "-ffp-contract=off", "-fvisibility=hidden"),
    *("-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-c++-static-destructors"),
    *("-fno-unwind-tables", "-fno-asynchronous-unwind-tables", "-fno-sanitize=all"),
    "-fvisibility-global-new-delete=force-hidden",
)


class Compiler:
    """Calls of the compiler in a folder with sources.

    Args:
        folder: where it runs
        purpose: what is made, for messages
    """

    def __init__(self, folder: Path, purpose: str) -> None:
        self.folder = folder
        self.purpose = purpose

    def link(self, machine: Sequence[str], files: Sequence[str], linked: Sequence[str]) -> Path:
        """Return the binary of some sources, which are compiled as one.

        They are compiled as C++ and linked as C: without the C++ library, of which `runtime.cpp`
        has what is needed.

        Args:
            machine: options that say for which machine
            files: names of sources, in the order in which they are included
            linked: further options of the linker
        """
        included = "".join(f'#include "{name}"\n' for name in files)
        (self.folder / "whole.cpp").write_text(included, encoding="utf-8")
        self.run("c++", *machine, *_FLAGS, "-c", "whole.cpp", "-o", "whole.o")
        self.run("cc", *machine, "-g0", "-s", "-o", "binary", "whole.o", *linked)
        return self.folder / "binary"

    def run(self, *arguments: str) -> None:
        """Run it.

        Raises:
            ExportError: it fails.
        """
        done = subprocess.run(
            module_command("ziglang", *arguments),
            cwd=self.folder,
            env=module_environment(),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["it said nothing"]
            found = next((line for line in lines if "error" in line), lines[0])
            raise ExportError(f"the compiler ziglang could not make {self.purpose}: {found}")


def compiled(
    name: str,
    purpose: str,
    sources: Mapping[str, str],
    recipe: object,
    make: Callable[[Compiler], Path],
) -> bytes:
    """Return what a compiler makes of sources.

    It is kept in the user's folder for caches under a hash of the sources and the recipe.

    Args:
        name: of the kept file, as `player.wasm`
        purpose: what is made, for messages
        sources: texts by their file names
        recipe: whatever else the result depends on, with a repr
        make: calls the compiler, and returns the file that it made

    Raises:
        ExportError: it was not compiled before, and the compiler is missing or fails.
    """
    known = kept(name, sources, recipe)
    if known is not None:
        return known
    if not is_installed():
        raise ExportError(
            f"{purpose} needs a compiler once: install ziglang, as in pip install "
            "'fxchain[plugins]'"
        )
    with tempfile.TemporaryDirectory() as folder:
        for each, text in sources.items():
            Path(folder, each).write_text(text, encoding="utf-8")
        made = make(Compiler(Path(folder), purpose)).read_bytes()
    keep_file(_place(name, sources, recipe), made)
    return made


def kept(name: str, sources: Mapping[str, str], recipe: object) -> bytes | None:
    """Return what was compiled before, see `compiled`; None where it was not."""
    place = _place(name, sources, recipe)
    return place.read_bytes() if place.is_file() else None


def is_installed() -> bool:
    """Return whether there is the compiler."""
    return importlib.util.find_spec("ziglang") is not None


def _place(name: str, sources: Mapping[str, str], recipe: object) -> Path:
    digest = hashlib.sha256(repr((_FLAGS, recipe, sorted(sources.items()))).encode()).hexdigest()
    return cache_folder() / f"{Path(name).stem}-{digest[:32]}{Path(name).suffix}"
