"""A data set: what is asked is stored, every pair is made that is missing, the manifest follows."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from fxchain.data.structures import MOST_BANDS, MOST_STAGES, POOL
from fxchain.dataset.dry import MADE
from fxchain.dataset.manifest import write_manifest
from fxchain.dataset.options import DatasetOptions
from fxchain.dataset.pair import GENERATOR, PairMaker
from fxchain.dataset.pair_files import PAIRS, PairFiles
from fxchain.dataset.sources import Source, find_sources
from fxchain.dataset.splits import SPLITS
from fxchain.errors import MatchError
from fxchain.files.atomic import check_folder_target, write_text_atomic
from fxchain.optim.cores import usable_cores
from fxchain.optim.processes import Call, Processes
from fxchain.preset.strict_json import parse, read_text

#: The file with what a data set is made of, in its folder.
DATASET_FILE = "dataset.json"
_FORMAT = "fxchain-dataset"
#: Pairs that each process makes between two looks at what all have done.
_PAIRS_AT_ONCE = 8


@dataclass(frozen=True)
class DatasetHooks:
    """Callbacks of a data set.

    Attributes:
        progress: called with what is done, how many of it, and of how many
        notice: called with each sentence about the sources
    """

    progress: Callable[[str, int, int], None] = lambda phase, done, total: None
    notice: Callable[[str], None] = lambda sentence: None


@dataclass(frozen=True)
class DatasetResources:
    """What a data set is made with; it changes no byte of it.

    Attributes:
        workers: processes on this computer; None: one for each core
        scheduler: address of a Dask cluster to use instead
    """

    workers: int | None = None
    scheduler: str | None = None

    def processes(self) -> int:
        """Return the number of processes.

        Raises:
            MatchError: it is less than 1.
        """
        if self.workers is None:
            return usable_cores()
        if self.workers < 1:
            raise MatchError(f"--workers {self.workers}: give at least 1")
        return self.workers


def make_dataset(
    folder: Path,
    options: DatasetOptions,
    source_folder: Path | None = None,
    resources: DatasetResources | None = None,
    *,
    resume: bool = False,
    hooks: DatasetHooks | None = None,
) -> None:
    """Make a data set, or what is missing of it.

    Args:
        folder: of the data set
        options: what it is made of
        source_folder: of recordings that are cut; None: signals are made
        resources: with what it is made
        resume: go on with the data set in the folder; it may have been asked for fewer pairs
        hooks: called meanwhile

    Raises:
        MatchError: an option makes no sense, or the folder holds another data set.
        AudioError: a source cannot be used.
        OutputError: the folder cannot be written, or holds files and `resume` is off.
        ClusterError: there is no such cluster.
    """
    options.check()
    resources, hooks = resources or DatasetResources(), hooks or DatasetHooks()
    processes = resources.processes()
    if not resume:
        _refuse_files(folder)
    sources: tuple[Source, ...] = ()
    if source_folder is not None:
        sources = find_sources(
            source_folder, options.seconds, options.shares, options.seed, hooks.notice
        )
    made_from = None if source_folder is None else str(source_folder.absolute())
    maker = PairMaker(str(folder.absolute()), options, made_from, sources)
    _claim(folder, _request(maker), resume)
    for leftover in (folder / PAIRS).glob("*/.fxchain-*"):  # of processes that were killed
        leftover.unlink(missing_ok=True)
    files = [PairFiles.of(number, options.audio_format) for number in range(options.count)]
    missing = [number for number, each in enumerate(files) if not each.complete(folder)]
    done = options.count - len(missing)

    def progress(count: int) -> None:
        hooks.progress("pairs", done + count, options.count)

    progress(0)
    if missing and resources.scheduler is not None:
        from fxchain.dataset.cluster import make_on_cluster  # loads all that a match needs

        make_on_cluster(maker, missing, progress, scheduler=resources.scheduler)
    else:
        _make_here(maker, missing, progress, processes)
    write_manifest(folder, files, lambda count: hooks.progress("manifest", count, options.count))


def _make_here(
    maker: PairMaker, missing: list[int], progress: Callable[[int], None], processes: int
) -> None:
    """Make pairs in processes of this computer."""
    size = processes * _PAIRS_AT_ONCE
    with Processes(maker, processes) as others:
        for start in range(0, len(missing), size):
            part = missing[start : start + size]
            others.map([Call("make", (number,)) for number in part])
            progress(start + len(part))


def _request(maker: PairMaker) -> dict[str, Any]:
    """Return what a data set is made of."""
    options = asdict(maker.options)
    shares = options.pop("shares")
    made = [] if maker.source_folder is not None else list(MADE)
    return {
        "format": _FORMAT,
        "generator": GENERATOR,
        **options,
        "sample_rates": list(maker.options.sample_rates),
        "splits": dict(zip(SPLITS, shares, strict=True)),
        "structures": {"stages": [1, MOST_STAGES], "bands": [1, MOST_BANDS], "pool": list(POOL)},
        "made": made,
        "sources": [asdict(source) for source in maker.sources],
    }


def _refuse_files(folder: Path) -> None:
    """Refuse a folder with files in it."""
    if (folder / DATASET_FILE).exists():
        raise MatchError(
            f"{folder}: there is a data set in it; go on with it by --resume, or choose another "
            "folder"
        )
    check_folder_target(folder)


def _claim(folder: Path, asked: dict[str, Any], resume: bool) -> None:
    """Store what is asked in the folder, or compare it with what is stored there."""
    path = folder / DATASET_FILE
    if resume:
        if not path.is_file():
            raise MatchError(f"{folder}: there is no {DATASET_FILE} in it, nothing to go on with")
        stored = parse(read_text(path), str(path))
        count = stored.pop("count", None) if isinstance(stored, dict) else None
        if stored != {name: value for name, value in asked.items() if name != "count"}:
            raise MatchError(
                f"{folder}: the data set in it has other options or sources; give the same, or "
                "another folder"
            )
        if not isinstance(count, int) or count > asked["count"]:
            raise MatchError(
                f"{folder}: the data set in it has {count} pairs, more than --count "
                f"{asked['count']}; give as many or more"
            )
    folder.mkdir(parents=True, exist_ok=True)
    write_text_atomic(path, json.dumps(asked, indent=2, ensure_ascii=False) + "\n", force=resume)
