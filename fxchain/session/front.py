"""The simpler and the more accurate chains that a match found beside its own, and their file."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fxchain.errors import MatchError
from fxchain.preset import Preset
from fxchain.preset.effects import effects_of
from fxchain.preset.strict_json import parse, read_text
from fxchain.preset.writing import write
from fxchain.wording import counted

FRONT_FILE = "front.json"
FORMAT, VERSION = "fxchain-front", 2
#: What a request names by paths, and what may be a name instead.
_FILES, _NAMED = ("dry", "wet", "pairs", "start"), "chain"


@dataclass(frozen=True, eq=False)
class FrontChain:
    """A chain of the front.

    Attributes:
        preset: the chain with its settings
        free: (size,), which values were searched
        knobs: how many they are
        stages: how many effects there are
        fitted_error: error-to-signal ratio on what was compared, with the loudness weighting of
            the search
        judged_error: the same on parts of the recordings that were not compared
        latency_shifts: see `FitResult`
        chosen: the match's own chain
    """

    preset: Preset
    free: tuple[bool, ...]
    knobs: int
    stages: int
    fitted_error: float
    judged_error: float
    latency_shifts: tuple[float, ...] = ()
    chosen: bool = False

    @property
    def label(self) -> str:
        """Return what it is called: `6 knobs, 2 stages`."""
        return f"{counted(self.knobs, 'knob')}, {counted(self.stages, 'stage')}"

    def figures(self) -> dict[str, Any]:
        """Return what `metrics.json` holds of it."""
        placed = effects_of(self.preset.stage, self.preset.values)
        return {
            "knobs": self.knobs,
            "stages": self.stages,
            "effects": [each.effect.primitive.kind for each in placed],
            "fitted_error": self.fitted_error,
            "judged_error": self.judged_error,
            "chosen": self.chosen,
        }


@dataclass(frozen=True, eq=False)
class Front:
    """All that another choice needs.

    Attributes:
        chains: the simplest first; one is chosen
        chain: name of the chain that was searched
        request: files and options of the match, with absolute paths
    """

    chains: tuple[FrontChain, ...]
    chain: str
    request: Mapping[str, Any]

    def to_json(self, folder: Path) -> str:
        """Return the file's text, with paths as they are seen from its folder."""
        rows = [
            {
                **{k: v for k, v in each.figures().items() if k != "effects"},
                "free": list(each.free),
                "latency_shifts": list(each.latency_shifts),
                "preset": parse(each.preset.to_json(), FRONT_FILE),
            }
            for each in self.chains
        ]
        return write(
            {
                "format": FORMAT,
                "version": VERSION,
                "chain": self.chain,
                "request": _moved(self.request, folder, _relative),
                "chains": rows,
            }
        )


def read_front(folder: str | Path) -> Front:
    """Read the front of a match from its folder.

    Raises:
        MatchError: there is none, it is of another version, or it cannot be read.
        PresetError: it is not JSON, or a preset in it is none.
    """
    path = Path(folder) / FRONT_FILE
    if not path.is_file():
        raise MatchError(
            f"{folder}: there is no {FRONT_FILE} in it: no folder of a match, or one that found a "
            "single chain"
        )
    node = parse(read_text(path), str(path))
    if not isinstance(node, dict) or node.get("format") != FORMAT:
        raise MatchError(f"{path}: this is no front of a match")
    if node.get("version") != VERSION:
        raise MatchError(f"{path}: written by another version of fxchain; match anew")
    try:
        return _front(node, path)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MatchError(
            f"{path}: it cannot be read ({type(error).__name__}: {error}); match anew"
        ) from error


def _front(node: Mapping[str, Any], path: Path) -> Front:
    chains = tuple(_chain(each, str(path)) for each in node["chains"])
    if not chains:
        raise ValueError("there are no chains")
    request = _moved(node["request"], path.parent, _absolute)
    return Front(chains, str(node["chain"]), request)


def _chain(node: Mapping[str, Any], name: str) -> FrontChain:
    preset = Preset.from_json(write(node["preset"]), name)
    free = tuple(bool(each) for each in node["free"])
    if len(free) != len(preset.values):
        raise ValueError("'free' has another length than the values")
    return FrontChain(
        preset,
        free,
        int(node["knobs"]),
        int(node["stages"]),
        float(node["fitted_error"]),
        float(node["judged_error"]),
        tuple(float(samples) for samples in node["latency_shifts"]),
        bool(node["chosen"]),
    )


def _moved(
    request: Mapping[str, Any], folder: Path, move: Callable[[str, Path], str]
) -> dict[str, Any]:
    """Return a request whose paths are seen from a folder, or are absolute."""
    moved = dict(request)
    for name in _FILES:
        if moved.get(name) is not None:
            moved[name] = move(str(moved[name]), folder)
    chain = str(moved[_NAMED])
    if os.path.isabs(chain) or os.path.isfile(_absolute(chain, folder)):
        moved[_NAMED] = move(chain, folder)
    return moved


def _relative(path: str, folder: Path) -> str:
    """Return an absolute path as it is seen from a folder."""
    try:
        return Path(os.path.relpath(path, os.path.realpath(folder))).as_posix()
    except ValueError:  # on another drive
        return path


def _absolute(path: str, folder: Path) -> str:
    """Undo `_relative`."""
    return os.path.normpath(os.path.join(os.path.realpath(folder), path))
