"""The cases of a benchmark: pairs of recordings and descriptions of their devices."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from fxchain.errors import MatchError
from fxchain.files.digest import file_sha256
from fxchain.recordings.manifest import Row, manifest_rows, read_manifest
from fxchain.recordings.pair_source import PairSource, named

UNKNOWN = "not given"


@dataclass(frozen=True, eq=False)
class Case:
    """One pair.

    Attributes:
        source: its files, its id, and a given latency and polarity
        device: its name
        effect: the kind of effect
        delay_ms: of a single echo, for the picture of receptive fields; None: the device is no echo
    """

    source: PairSource
    device: str
    effect: str
    delay_ms: float | None = None

    @property
    def id(self) -> str:
        """Return the name of the pair."""
        return self.source.id

    def about(self) -> dict[str, Any]:
        """Return its description for the results."""
        return {
            "case": self.id,
            "device": self.device,
            "effect": self.effect,
            "delay_ms": self.delay_ms,
        }

    def identity(self) -> dict[str, Any]:
        """Return the inputs that its figures depend on; files by the hash of their content."""
        return {
            "dry_sha256": file_sha256(self.source.dry),
            "wet_sha256": file_sha256(self.source.wet),
            "dry_channel": self.source.dry_channel,
            "latency_samples": self.source.latency_samples,
            "polarity": self.source.polarity,
        }


def read_cases(manifest: str | Path) -> tuple[Case, ...]:
    """Read a manifest as `match --pairs` does, with three more columns, each optional.

    `device` names the device (else it is the pair's id), `effect` its kind of effect, `delay_ms`
    the time of its echo where the device is a single echo.

    Args:
        manifest: a CSV file with the columns `dry,wet`, files relative to its folder

    Raises:
        MatchError: it cannot be read, or a line cannot be understood; naming file and line.
    """
    sources = named(read_manifest(manifest))
    rows = manifest_rows(manifest)
    return tuple(
        _case(source, row, f"{manifest}: line {number}")
        for source, (number, row) in zip(sources, rows, strict=True)
    )


def single_case(dry: str | Path, wet: str | Path) -> Case:
    """Return the case of two files.

    Raises:
        MatchError: a file is not there.
    """
    for path in (dry, wet):
        if not Path(path).is_file():
            raise MatchError(f"{path}: there is no such file; check the name")
    (source,) = named([PairSource(Path(dry), Path(wet))])
    return Case(source, source.id, UNKNOWN)


def _case(source: PairSource, row: Row, where: str) -> Case:
    text = row.get("delay_ms", "").strip()
    try:
        delay_ms = float(text) if text else None
    except ValueError:
        delay_ms = math.nan
    if delay_ms is not None and not 0.0 < delay_ms < math.inf:
        raise MatchError(f"{where}: delay_ms: {text[:40]!r} is no time in milliseconds")
    return Case(
        source=replace(source, gain_free=False),
        device=" ".join(row.get("device", "").split()) or source.id,
        effect=" ".join(row.get("effect", "").split()) or UNKNOWN,
        delay_ms=delay_ms,
    )
