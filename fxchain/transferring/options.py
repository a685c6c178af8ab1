"""The options of a transfer, checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from fxchain.errors import MatchError
from fxchain.preset import Preset
from fxchain.session.search_limits import SearchLimits
from fxchain.transferring.amount import check_amount
from fxchain.transferring.dimensions import DIMENSIONS, checked_dimensions
from fxchain.transferring.style_chain import STYLE


class TransferKeywords(TypedDict, total=False):
    """The options as `transfer` takes them by keyword."""

    preset: str | Path | Preset | None
    amount: float
    match: Iterable[str]
    chain: str | Path
    seconds: float
    iterations: int | None
    seed: int
    threads: int


@dataclass(frozen=True, kw_only=True)
class TransferOptions(SearchLimits):
    """The options of a transfer.

    Attributes:
        amount: how much of the style is applied, %, 0 to 100
        dimensions: those that are applied, see `DIMENSIONS`
        chain: `style`, a chain that `match` knows, or a file that describes one
        preset: of an earlier transfer, or its file, instead of references
    """

    amount: float = 100.0
    dimensions: tuple[str, ...] = DIMENSIONS
    chain: str | Path = STYLE
    preset: str | Path | Preset | None = None

    @classmethod
    def of(cls, keywords: TransferKeywords) -> "TransferOptions":
        """Return the options that keywords give.

        Raises:
            MatchError: a dimension is unknown.
            TypeError: a keyword is unknown.
        """
        for name in keywords:
            if name not in TransferKeywords.__annotations__:
                known = ", ".join(TransferKeywords.__annotations__)
                raise TypeError(f"transfer has no option {name!r}; its options are {known}")
        fields: dict[str, Any] = {**keywords}
        names = fields.pop("match", DIMENSIONS)
        return cls(dimensions=checked_dimensions(names), **fields)

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
            "match": list(self.dimensions),
            "threads": self.threads,
        }
