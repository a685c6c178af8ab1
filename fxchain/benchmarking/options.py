"""The options of a benchmark, checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fxchain.benchmarking.methods import DEFAULT_METHODS, check_methods
from fxchain.session.search_limits import SearchKeywords, SearchLimits


class BenchmarkKeywords(SearchKeywords, total=False):
    """Keyword arguments of `benchmark`, see `BenchmarkOptions`."""

    methods: Sequence[str]
    listening_test: bool
    force: bool


@dataclass(frozen=True, kw_only=True)
class BenchmarkOptions(SearchLimits):
    """The options of a benchmark; the limits are those of each method on each pair.

    Attributes:
        methods: keys of `METHODS`; kept in the order of the tables
        listening_test: write clips and a configuration for webMUSHRA too
        force: measure again what was measured with other settings

    Raises:
        MatchError: a method is unknown, or a limit is out of range.
    """

    methods: tuple[str, ...] = DEFAULT_METHODS
    listening_test: bool = False
    force: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "methods", check_methods(self.methods))
        self.check_limits()

    def settings(self) -> dict[str, Any]:
        """Return the settings that every row depends on."""
        return {**self.limit(), "seed": self.seed, "threads": self.threads}
