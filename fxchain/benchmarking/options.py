"""The options of a benchmark, checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from fxchain.benchmarking.methods import DEFAULT_METHODS, check_methods
from fxchain.session.search_limits import SearchLimits


class BenchmarkKeywords(TypedDict, total=False):
    """The options as `benchmark` takes them by keyword."""

    methods: Sequence[str]
    seconds: float
    iterations: int | None
    seed: int
    threads: int
    listening_test: bool
    force: bool


@dataclass(frozen=True, kw_only=True)
class BenchmarkOptions(SearchLimits):
    """The options of a benchmark.

    Attributes:
        methods: keys of `METHODS`, in the order of the tables
        listening_test: write clips and a configuration for webMUSHRA too
        force: measure again what was measured with other settings
    """

    methods: tuple[str, ...] = DEFAULT_METHODS
    listening_test: bool = False
    force: bool = False

    @classmethod
    def of(cls, keywords: BenchmarkKeywords) -> "BenchmarkOptions":
        """Return the options that keywords give, checked.

        Raises:
            MatchError: a method is unknown, or a limit is out of range.
            TypeError: a keyword is unknown.
        """
        for name in keywords:
            if name not in BenchmarkKeywords.__annotations__:
                known = ", ".join(BenchmarkKeywords.__annotations__)
                raise TypeError(f"benchmark has no option {name!r}; its options are {known}")
        fields: dict[str, Any] = {**keywords}
        methods = check_methods(fields.pop("methods", DEFAULT_METHODS))
        options = cls(methods=methods, **fields)
        options.check_limits()
        return options

    def settings(self) -> dict[str, Any]:
        """Return the settings that every row depends on."""
        return {**self.limit(), "seed": self.seed, "threads": self.threads}
