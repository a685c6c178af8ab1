"""The cases of `structure.py`: hidden chains in random order, and the recordings they play."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from recorded_pairs import data_folder, read_sources
from recovery import KINDS, first_seconds

from fxchain.data.presets import hidden_rng
from fxchain.data.structures import POOL, played, random_kinds, random_structure
from fxchain.files.audio_input import Audio, read_audio
from fxchain.preset import Preset
from fxchain.recordings.held_out_split import split
from fxchain.recordings.problem import Problem
from fxchain.structure.candidate import Candidate
from fxchain.structure.named import named_chain
from fxchain.structure.template import Template
from fxchain.structure.user_edits import for_channels

#: Changed when the same numbers begin to give other chains.
STREAM = 25


@dataclass(frozen=True)
class Case:
    """A hidden chain and the recording that it plays.

    Attributes:
        number: seeds the chain
        name: in the table
        file: the dry recording
        kinds: of the stages where these are settled; None: drawn
    """

    number: int
    name: str
    file: Path
    kinds: tuple[str, ...] | None = None

    def dry(self) -> Audio:
        """Return the first 10 s in mono."""
        return first_seconds(read_audio(self.file))


def drawn_cases(count: int, first: int = 0) -> list[Case]:
    """Return cases, the kinds of sound in rotation."""
    files = _files()
    turns = [(number, KINDS[number % len(KINDS)]) for number in range(first, first + count)]
    return [Case(number, f"{number:02d} {kind}", files[kind]) for number, kind in turns]


def special_cases() -> list[Case]:
    """Return the cases without or with one effect."""
    files = _files()
    alone: dict[str, tuple[str, ...]] = {"nothing": ()}
    alone |= {kind: (kind,) for kind in dict.fromkeys(POOL)}
    return [
        Case(1_000 + at, name, files[KINDS[at % len(KINDS)]], kinds)
        for at, (name, kinds) in enumerate(alone.items())
    ]


def hidden(case: Case, dry: Audio) -> Candidate:
    """Draw the chain of a case: every stage of it can be heard, as far as 20 tries allow."""
    rng = hidden_rng([STREAM, case.number])
    if case.kinds is not None:
        kinds, inside = case.kinds, range(0)
    else:
        kinds, inside = random_kinds(rng, parallel=case.number % 4 == 3)
    return random_structure(rng, dry.samples, dry.sample_rate, kinds, inside)[0]


@dataclass(frozen=True, eq=False)
class HiddenPair:
    """A hidden chain with what it plays.

    Attributes:
        truth: the chain
        dry: (channels, samples)
        wet: (channels, samples)
        problem: what a fit may see of them
        template: the default chain for so many channels
    """

    truth: Candidate
    dry: np.ndarray
    wet: np.ndarray
    problem: Problem
    template: Template


def hidden_pair(case: Case) -> HiddenPair:
    """Play a recording through a hidden chain; what is held out is no part of the problem."""
    dry = case.dry()
    rate, truth = dry.sample_rate, hidden(case, dry)
    wet = played(truth, dry.samples, rate)
    end = split(dry.samples, wet, rate).fitted
    problem = Problem(dry.samples[:, :end], wet[:, :end], 0, rate, 1)
    template = for_channels(named_chain("default"), dry.samples.shape[0])
    return HiddenPair(truth, dry.samples, wet, problem, template)


def _files() -> dict[str, Path]:
    folder = data_folder()
    return {kind: read_sources(folder, "dry", kind)[0].file for kind in KINDS}


def write_structure(chain: Candidate, sample_rate: int, folder: str) -> str:
    """Write a chain with open settings, as `--chain` takes it; return the file."""
    file = Path(folder, "told.json")
    Preset(chain.stage, chain.values, sample_rate).save(file)
    file.write_text(json.dumps(_open(json.loads(file.read_text())["stage"])))
    return str(file)


def _open(node: Any) -> Any:
    """Return the stages of a preset without their settings."""
    if isinstance(node, list):
        return [_open(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {key: _open(each) for key, each in node.items() if key not in ("parameters", "weight")}
