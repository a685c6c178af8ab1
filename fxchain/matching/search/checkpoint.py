"""A file in which a running search leaves its state, so that it can go on after any end."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fxchain.errors import MatchError
from fxchain.files.atomic import write_text_atomic
from fxchain.matching.search.measured_device import MeasuredDevice
from fxchain.matching.search.snapshot import Snapshot
from fxchain.matching.search.state import SearchState
from fxchain.optim.budget import Budget
from fxchain.preset.strict_json import parse, read_text
from fxchain.preset.writing import stage_node, write
from fxchain.recordings.problem import Problem
from fxchain.session.versions import versions
from fxchain.structure.template import Template

CHECKPOINT_FILE = "checkpoint.json"
#: The version is raised when the state changes, or the moves of a search and their order.
FORMAT, VERSION = "fxchain-checkpoint", 10


@dataclass(frozen=True)
class Checkpoint:
    """A file for the state of a search.

    Attributes:
        path: the file
        request: what the user asked for, kept in it for `--resume`
        fresh: pass over what stands in the file
    """

    path: Path
    request: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False

    def load(self, fingerprint: str) -> Snapshot | None:
        """Return the snapshot that was left, or None where there is none.

        Args:
            fingerprint: of what is searched

        Raises:
            MatchError: it was left by another search, or cannot be read.
            PresetError: it is not JSON.
        """
        if self.fresh or not self.path.exists():
            return None
        node = read_checkpoint(self.path)
        if node.get("fingerprint") != fingerprint:
            raise MatchError(
                f"{self.path}: it was left by a search of other recordings, of other options or "
                "of another version of fxchain; begin anew in another folder"
            )
        return Snapshot.from_json(node.get("state"), str(self.path))

    def save(self, fingerprint: str, snapshot: Snapshot) -> None:
        """Leave a snapshot in the file, completely or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "format": FORMAT,
            "version": VERSION,
            "request": self.request,
            "fingerprint": fingerprint,
            "state": snapshot.to_json(),
        }
        write_text_atomic(self.path, write(document), force=True)


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Return what stands in a checkpoint.

    Raises:
        MatchError: it is none, or of another version.
        PresetError: it is missing, too large or not JSON.
    """
    node = parse(read_text(path), str(path))
    if not isinstance(node, dict) or node.get("format") != FORMAT:
        raise MatchError(f"{path}: this is no checkpoint of fxchain")
    if node.get("version") != VERSION:
        raise MatchError(f"{path}: a checkpoint of another version of fxchain; begin anew")
    return node


class CheckpointFile:
    """Leaves the states of one search in a checkpoint, and takes the last one up from there.

    Args:
        checkpoint: where; None: nowhere
        problems: what is compared
        template: what is searched
        budget: whose limit counts
        seed: of the random numbers
        measured: what was measured of the device with a sweep
    """

    def __init__(
        self,
        checkpoint: Checkpoint | None,
        problems: Sequence[Problem],
        template: Template,
        budget: Budget,
        seed: int,
        measured: MeasuredDevice | None = None,
    ) -> None:
        self._checkpoint, self._budget = checkpoint, budget
        self._fingerprint, self._count = "", len(problems)
        if checkpoint is not None:
            self._fingerprint = _fingerprint(problems, template, budget, seed, measured)

    def leave(self, state: SearchState) -> None:
        """Leave the state, unless the search was stopped on the way to it.

        Raises:
            OutputError: it cannot be written.
        """
        if self._checkpoint is None or self._budget.halted:
            return
        self._checkpoint.save(self._fingerprint, Snapshot.of(state, self._budget))

    def take_up(self) -> SearchState | None:
        """Return the state that was left, the budget spent as it was; None where there is none.

        Raises:
            MatchError, PresetError: it belongs to another search, or cannot be read.
        """
        if self._checkpoint is None:
            return None
        snapshot = self._checkpoint.load(self._fingerprint)
        if snapshot is None:
            return None
        if len(snapshot.state.latency_shifts) != self._count:
            raise MatchError("the state in the checkpoint is of fewer or more recordings")
        snapshot.spend(self._budget)
        return snapshot.state


def _fingerprint(
    problems: Sequence[Problem],
    template: Template,
    budget: Budget,
    seed: int,
    measured: MeasuredDevice | None,
) -> str:
    """Return in hexadecimal what is equal only for searches that go the same way."""
    digest, known = hashlib.sha256(), versions()
    limits = (budget.seconds, budget.steps, seed, torch.get_num_threads())
    digest.update(repr((*limits, known["fxchain"], known["torch"])).encode())
    _add_template(digest, template)
    if measured is not None:
        digest.update(measured.content())
    for problem in problems:
        facts = (problem.first_valid, problem.sample_rate, problem.polarity, problem.gain_free)
        more = (problem.latency_known, problem.torch_device, problem.gaps)
        digest.update(repr((*facts, *more)).encode())
        for samples in (problem.dry, problem.wet):
            digest.update(repr(samples.shape).encode())
            for channel in samples:
                digest.update(np.ascontiguousarray(channel).data)
    return digest.hexdigest()


def _add_template(digest: Any, template: Template) -> None:
    flags = (template.name, template.started, template.locked, template.response, template.grows)
    digest.update(repr((*flags, template.bounds)).encode())
    digest.update(write(stage_node(template.stage, template.values)).encode())
    digest.update(np.packbits(template.free).tobytes())
