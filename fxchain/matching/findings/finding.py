"""A finding: a statement as data, before it becomes a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

#: `same`, `level`, `linear`: all that explains the wet; `even`: asymmetric distortion;
#: `no_echo`, `echo`, `no_decay`: behind the direct sound; `without`: a part of the chain left out;
#: `order`: two neighbours the other way round.
Kind = Literal["same", "level", "linear", "even", "no_echo", "echo", "no_decay", "without", "order"]


@dataclass(frozen=True)
class Finding:
    """One finding.

    Attributes:
        kind: what it is about
        figures: by name: `error`, `error_without`, `error_exchanged` are error-to-signal ratios,
            the others carry their unit
        parts: names of the boxes of the chain that it is about, in signal order
        paths: where these stand
        told: of an order: the pair tells it
    """

    kind: Kind
    figures: Mapping[str, float]
    parts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    told: bool = field(default=True)

    def node(self, sentence: str) -> dict[str, Any]:
        """Return what `metrics.json` holds of it.

        Args:
            sentence: that says it
        """
        found: dict[str, Any] = {"sentence": sentence, "kind": self.kind, **self.figures}
        if self.parts:
            found |= {"parts": list(self.parts), "paths": list(self.paths)}
        if self.kind == "order":
            found["told"] = self.told
        return found
