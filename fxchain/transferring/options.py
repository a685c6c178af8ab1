"""What a transfer is asked to do, checked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fxchain.errors import MatchError
from fxchain.preset import Preset
from fxchain.session.search_limits import SearchLimits
from fxchain.transferring.amount import check_amount
from fxchain.transferring.dimensions import DIMENSIONS
from fxchain.transferring.style_chain import STYLE


@dataclass(frozen=True, kw_only=True)
class TransferOptions(SearchLimits):
    """What a transfer is asked to do; see `transfer`."""

    amount: float = 100.0
    dimensions: tuple[str, ...] = DIMENSIONS
    chain: str | Path = STYLE
    preset: str | Path | Preset | None = None

    def check(self, references: int) -> None:
        """Refuse what cannot be done.

        Args:
            references: how many there are

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
        """Return them as they are reported: names without folders, one limit."""
        return {
            "chain": chain,
            **({} if self.preset is not None else self.limit()),
            "amount": self.amount,
            "match": list(self.dimensions),
            "threads": self.threads,
        }
