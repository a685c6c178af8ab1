"""What a match was asked to do, as a checkpoint or a batch stores it."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import ConfigDict, ValidationError, create_model

from fxchain.errors import MatchError
from fxchain.hosting.description import split_name
from fxchain.matching.options import ONE_PAIR_ONLY, MatchOptions
from fxchain.matching.search.checkpoint import CHECKPOINT_FILE, Checkpoint, read_checkpoint

_FILES = ("dry", "wet", "pairs")
_PLACES = ("start", "measured")
_OPTIONS = {**get_type_hints(MatchOptions), **dict.fromkeys(_PLACES, str | None)}
#: Reads what `SavedRequest.to_json` makes: the files and one field for each option, all required.
_FIELDS: dict[str, Any] = {
    **dict.fromkeys(_FILES, (str | None, ...)),
    **{each.name: (_OPTIONS[each.name], ...) for each in fields(MatchOptions)},
}
_Document = create_model(
    "_Document",
    __config__=ConfigDict(extra="forbid", strict=True, allow_inf_nan=False),
    **_FIELDS,
)


@dataclass(frozen=True, kw_only=True)
class SavedRequest:
    """The files and the options of a match.

    Attributes:
        dry: a file; None where `pairs` is given
        wet: the same
        pairs: a manifest; None where dry and wet are given
        options: of `match`, or of `match_pairs` where `pairs` is given; the start is a file
    """

    dry: str | None = None
    wet: str | None = None
    pairs: str | None = None
    options: MatchOptions = field(default_factory=MatchOptions)

    def keywords(self) -> dict[str, Any]:
        """Return the options as keyword arguments of the function that does the match."""
        others = ("gain_per_pair",) if self.pairs is None else ONE_PAIR_ONLY
        names = [each.name for each in fields(self.options) if each.name not in others]
        return {name: getattr(self.options, name) for name in names}

    def absolute(self) -> "SavedRequest":
        """Return the same with absolute paths, so that it holds in any working folder."""
        options = self.options
        places = {name: getattr(options, name) for name in _PLACES}
        given: dict[str, Any] = {
            name: _absolute(str(place)) for name, place in places.items() if place is not None
        }
        options = replace(options, **given)
        options = replace(options, plugin=tuple(_absolute_plugin(p) for p in options.plugin))
        if os.path.isfile(options.chain):
            options = replace(options, chain=os.path.abspath(options.chain))
        else:
            options = replace(options, chain=str(options.chain))
        files = {name: _absolute(getattr(self, name)) for name in _FILES}
        return SavedRequest(**files, options=options)

    def checkpoint(self, folder: Path, fresh: bool = False) -> Checkpoint:
        """Return the checkpoint in a folder, with this request in it.

        Args:
            folder: of the results
            fresh: ignore the state that the folder holds
        """
        return Checkpoint(folder / CHECKPOINT_FILE, self.absolute().to_json(), fresh)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON: files and options side by side."""
        options = {each.name: getattr(self.options, each.name) for each in fields(self.options)}
        return {
            **{name: getattr(self, name) for name in _FILES},
            **{name: list(it) if isinstance(it, tuple) else it for name, it in options.items()},
        }

    @classmethod
    def from_json(cls, node: Any, name: str, complete: bool = True) -> "SavedRequest":
        """Read it.

        Args:
            node: as `to_json` makes it
            name: what messages call the file
            complete: it has to name recordings

        Raises:
            MatchError: a value is missing or of another type, or it names no recordings.
        """
        try:
            text = json.dumps(node, ensure_ascii=False).encode("utf-8", "replace")
            document = _Document.model_validate_json(text).model_dump()
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "request"
            raise MatchError(f"{name}: {where}: {first['msg'].lower()}; begin anew") from None
        # names of files as they are: bytes in them need not be UTF-8
        document |= {name: node[name] for name in (*_FILES, "chain", *_PLACES)}
        files = {file: document.pop(file) for file in _FILES}
        if complete and not _names_recordings(files):
            raise MatchError(f"{name}: it names neither a pair nor a manifest; begin anew")
        return cls(**files, options=MatchOptions(**document))


def _names_recordings(files: Mapping[str, str | None]) -> bool:
    """Tell whether files name a pair or a manifest."""
    dry, wet, pairs = (files[name] is not None for name in _FILES)
    return dry == wet and dry != pairs


def read_request(folder: Path) -> SavedRequest:
    """Return what the match that left a checkpoint in a folder was asked to do.

    Raises:
        MatchError: there is no checkpoint, or it cannot be read.
        PresetError: it is not JSON.
    """
    path = folder / CHECKPOINT_FILE
    if not path.is_file():
        raise MatchError(
            f"{folder}: there is no {CHECKPOINT_FILE} in it, so there is nothing to go on with"
        )
    return SavedRequest.from_json(read_checkpoint(path).get("request"), str(path))


def request_of(options: MatchOptions, **files: Any) -> dict[str, Any]:
    """Return a request as JSON with absolute paths; what is no file in it is left out.

    Args:
        options: of the match
        files: `dry` and `wet`, or `pairs`
    """
    known = all(isinstance(file, str | os.PathLike) for file in files.values())
    paths = {name: os.fspath(file) for name, file in files.items()} if known else {}
    if not isinstance(options.start, str | os.PathLike):
        options = replace(options, start=None)
    return SavedRequest(**paths, options=options).absolute().to_json()


def _absolute_plugin(plugin: str) -> str:
    file, name = split_name(plugin)
    return os.path.abspath(file) + (f":{name}" if name else "")


def _absolute(path: str | None) -> str | None:
    return path and os.path.abspath(path)
