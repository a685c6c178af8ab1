"""What a match is asked to do, checked."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any

from fxchain.errors import MatchError
from fxchain.preset import Preset
from fxchain.session.search_limits import SearchKeywords, SearchLimits
from fxchain.session.torch_device import check_device
from fxchain.structure.criterion import Bounds
from fxchain.structure.named import choose
from fxchain.structure.plugins import followed_by, of_plugins
from fxchain.structure.template import Template
from fxchain.structure.user_edits import lock, require_twins, without


class _CommonKeywords(SearchKeywords, total=False):
    """Keyword arguments of `match` and `match_pairs` alike."""

    chain: str | Path
    only_pedalboard: bool
    without: Sequence[str]
    lock: Sequence[str]
    plugin: Sequence[str]
    start: str | Path | Preset | None
    measured: str | Path | None
    latency_samples: float | None
    polarity: int | None
    measured_response: bool
    correct_drift: bool
    correct_flutter: bool
    anyway: bool
    device: str
    knobs: int | None
    stages: int | None


#: Attributes of `MatchOptions` that `match_pairs` does not have: each of its pairs has its own.
ONE_PAIR_ONLY = ("dry_channel", "wet_channel")


class MatchKeywords(_CommonKeywords, total=False):
    """Keyword arguments of `match`, see `MatchOptions`."""

    dry_channel: int | None
    wet_channel: int | None


class MatchPairsKeywords(_CommonKeywords, total=False):
    """Keyword arguments of `match_pairs`, see `MatchOptions`."""

    gain_per_pair: bool


@dataclass(frozen=True, kw_only=True)
class MatchOptions(SearchLimits):
    """What a match is asked to do, besides the attributes of `SearchLimits`.

    Attributes:
        chain: `default`, `compressor-first`, `amp`, `eq`, `dynamics`, `drive`, `space`, or a file
            that describes a chain
        only_pedalboard: use only stages that pedalboard has
        without: kinds of effects to leave out, e.g. `["reverb"]`
        lock: controls to fix, e.g. `["compressor.ratio=4"]`
        plugin: plug-ins of other makers, `PATH` or `PATH:NAME` each, in series; behind the chain
            where that is not `default`
        start: a preset, or its file: its chain is matched, starting from its values
        measured: the folder of a measurement of the device, see `fxchain measure`: its latency,
            its response and what it says about distortion are used beside the recordings
        dry_channel: the channel of the dry to use, counted from 0; of one pair
        wet_channel: the same of the wet, where its channels went through different devices
        gain_per_pair: in the comparison each pair has a gain of its own, for clips whose levels
            say nothing; the preset has the first pair's level. Of several pairs
        latency_samples: by how much the wet is late, instead of searching for it; may be fractional
        polarity: +1, or -1 when the wet is inverted, instead of searching for it
        measured_response: an impulse response solved from the pair may follow the chain where that
            at least halves the error
        correct_drift: remove the drift of the wet's clock before the match
        correct_flutter: remove the wow and flutter of a tape from the wet before the match
        anyway: match recordings that seem to be unrelated, instead of refusing them
        device: of torch, where gradients are computed: cpu, cuda, or cuda:N; audio is always
            played by the CPU
        knobs: at most so many values that were searched; of the chains within, the one with the
            least error on what was not compared
        stages: at most so many effects, likewise
    """

    chain: str | Path = "default"
    only_pedalboard: bool = False
    without: tuple[str, ...] = ()
    lock: tuple[str, ...] = ()
    plugin: tuple[str, ...] = ()
    start: str | Path | Preset | None = None
    measured: str | Path | None = None
    dry_channel: int | None = None
    wet_channel: int | None = None
    gain_per_pair: bool = False
    latency_samples: int | float | None = None
    polarity: int | None = None
    measured_response: bool = True
    correct_drift: bool = False
    correct_flutter: bool = False
    anyway: bool = False
    device: str = "cpu"
    knobs: int | None = None
    stages: int | None = None

    def __post_init__(self) -> None:
        """Refuse a chain that is neither a name nor a file.

        Raises:
            MatchError: saying what to give instead.
        """
        if isinstance(self.chain, str | Path):
            return
        instead = "; give a preset as start" if isinstance(self.chain, Preset) else ""
        raise MatchError(
            f"chain is a {type(self.chain).__name__}: give the name of a chain, or a file that "
            f"describes one{instead}"
        )

    def check(self) -> None:
        """Refuse what cannot be done.

        Raises:
            MatchError: naming the option.
        """
        self.check_limits()
        check_device(self.device)
        if self.polarity not in (None, 1, -1):
            raise MatchError(f"--polarity {self.polarity}: give + or -")
        if self.latency_samples is not None and not math.isfinite(self.latency_samples):
            raise MatchError(f"--latency-samples {self.latency_samples}: give a number of samples")
        self.bounds.check()

    @property
    def bounds(self) -> Bounds:
        """Return how much there may be to the chain."""
        return Bounds(self.knobs, self.stages)

    def template(self) -> Template:
        """Return the chain to be matched.

        Raises:
            MatchError, PresetError: it cannot be used, naming chain, stage and parameter.
        """
        template = self._chosen()
        if self.without:
            template = without(template, self.without)
        template = replace(reduce(lock, self.lock, template), bounds=self.bounds)
        if self.only_pedalboard:
            require_twins(template)
        if not template.free.any():
            raise MatchError(f"{template.name}: every value of this chain is fixed; leave one out")
        return template

    def _chosen(self) -> Template:
        """Return the chain that was named, with its plug-ins."""
        if self.plugin and self.start is None and str(self.chain) == MatchOptions.chain:
            return of_plugins(self.plugin)
        template = choose(
            self.chain, _preset(self.start), self.only_pedalboard, self.measured_response
        )
        return followed_by(template, self.plugin) if self.plugin else template

    def settings(self, template: Template) -> dict[str, Any]:
        """Return them as they are reported: names without folders, one limit."""
        return {
            "chain": template.name,
            **self.limit(),
            "only_pedalboard": self.only_pedalboard,
            "measured_response": self.measured_response,
            "without": list(self.without),
            "lock": list(self.lock),
            "plugin": [Path(each).name for each in self.plugin],
            "started": template.started,
            "measured": None if self.measured is None else Path(self.measured).name,
            "dry_channel": self.dry_channel,
            "wet_channel": self.wet_channel,
            "latency_samples": self.latency_samples,
            "polarity": self.polarity,
            "correct_drift": self.correct_drift,
            "correct_flutter": self.correct_flutter,
            "anyway": self.anyway,
            "knobs": self.knobs,
            "stages": self.stages,
            "threads": self.threads,
            "device": self.device,
        }


def _preset(start: str | Path | Preset | None) -> Preset | None:
    """Return the preset to start from."""
    if start is None or isinstance(start, Preset):
        return start
    return Preset.load(start)
