"""What a search for a patch is asked to do."""

from dataclasses import dataclass

from fxchain.session.search_limits import SearchLimits


@dataclass(frozen=True, kw_only=True)
class SynthOptions(SearchLimits):
    """What a search for a patch is asked to do, besides the attributes of `SearchLimits`.

    Attributes:
        chain: the chain of effects to search behind the voice, as `fxchain match --chain` names
            it; None: no effects
    """

    chain: str | None = None
