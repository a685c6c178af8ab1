"""The options of a transfer, checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fxchain.errors import MatchError
from fxchain.preset import Preset
from fxchain.session.search_limits import SearchKeywords, SearchLimits
from fxchain.transferring.amount import check_amount
from fxchain.transferring.dimensions import DIMENSIONS, checked_dimensions
from fxchain.transferring.style_chain import STYLE


class TransferKeywords(SearchKeywords, total=False):
    """Keyword arguments of `transfer`, see `TransferOptions`."""

    preset: str | Path | Preset | None
    amount: float
    match: Iterable[str]
    chain: str | Path


@dataclass(frozen=True, kw_only=True)
class TransferOptions(SearchLimits):
    """The options of a transfer, besides the attributes of `SearchLimits`.

    Attributes:
        preset: of an earlier transfer, or its file, instead of references; nothing is searched
        amount: how much of the style is applied, %, 0 to 100
        match: the dimensions that are applied: any of tone, dynamics, level, width, space, drive;
            kept in the order of `DIMENSIONS`
        chain: `style`, a chain that `fxchain.match` knows, or a file that describes one

    Raises:
        MatchError: a dimension is unknown, or there is none.
    """

    preset: str | Path | Preset | None = None
    amount: float = 100.0
    match: tuple[str, ...] = DIMENSIONS
    chain: str | Path = STYLE

    def __post_init__(self) -> None:
        object.__setattr__(self, "match", checked_dimensions(self.match))

    def check(self, references: int) -> None:
        """Refuse options out of range, and those that contradict each other.

        Args:
            references: their number

        Raises:
            MatchError: naming the option.
        """
        check_amount(self.amount)
        if self.preset is not None and references:
            raise MatchError("--from takes over a preset: leave the references out")
        if self.preset is None and not references:
            raise MatchError("there is no reference; give one, or a preset with --from")
        self.check_limits()

    def settings(self, chain: str) -> dict[str, Any]:
        """Return the options for the report: names without folders, one limit."""
        return {
            "chain": chain,
            **({} if self.preset is not None else self.limit()),
            "amount": self.amount,
            "match": list(self.match),
            "threads": self.threads,
        }
