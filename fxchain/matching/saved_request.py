"""What a match was asked to do, as it stands in a checkpoint: whoever goes on asks the same."""

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from fxchain.errors import MatchError
from fxchain.matching.search.checkpoint import CHECKPOINT_FILE, Checkpoint, read_checkpoint


class SavedRequest(BaseModel):
    """The files and options of a match, by the names that `match` and `match_pairs` have for them.

    Attributes:
        dry: a file; None where `pairs` is given
        wet: the same
        pairs: a manifest; None where dry and wet are given
        gain_per_pair: of several pairs
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    dry: str | None
    wet: str | None
    pairs: str | None
    gain_per_pair: bool
    chain: str
    seconds: float
    iterations: int | None
    seed: int
    only_pedalboard: bool
    without: list[str]
    lock: list[str]
    start: str | None
    dry_channel: int | None
    latency_samples: int | float | None
    polarity: int | None
    threads: int
    measured_response: bool
    correct_drift: bool
    anyway: bool
    device: str = "cpu"

    def options(self) -> dict[str, Any]:
        """Return what `match` is called with, beside the recordings."""
        left_out = {"dry", "wet", "pairs", "gain_per_pair"}
        if self.pairs is not None:
            left_out.add("dry_channel")  # each pair has its own
        return self.model_dump(exclude=left_out)

    def anchored(self) -> "SavedRequest":
        """Return the same for whoever stands in another folder."""
        files = {name: getattr(self, name) for name in ("dry", "wet", "pairs", "start")}
        if os.path.isfile(self.chain):
            files["chain"] = self.chain
        return self.model_copy(
            update={name: file and os.path.abspath(file) for name, file in files.items()}
        )

    def checkpoint(self, folder: Path, fresh: bool = False) -> Checkpoint:
        """Return the checkpoint in a folder, with this request in it.

        Args:
            folder: of the results
            fresh: pass over what stands there
        """
        return Checkpoint(folder / CHECKPOINT_FILE, self.anchored().model_dump(), fresh)


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
    try:
        request = SavedRequest.model_validate(read_checkpoint(path).get("request"))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "request"
        raise MatchError(f"{path}: {where}: {first['msg'].lower()}; begin anew") from None
    if (request.dry is None) != (request.wet is None) or (request.dry is None) == (
        request.pairs is None
    ):
        raise MatchError(f"{path}: it names neither a pair nor a manifest; begin anew")
    return request
