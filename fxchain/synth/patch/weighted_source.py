"""What the sources of voices and of drums have in common in a file."""

from collections.abc import Mapping
from typing import Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, Field, field_validator

from fxchain.errors import ParameterError
from fxchain.parameter import ParameterSpec
from fxchain.synth.sources.controls import WEIGHT


class Kind(Protocol):
    """A kind of source."""

    @property
    def parameters(self) -> tuple[ParameterSpec, ...]:
        """Return its own controls."""
        ...


class WeightedSource(BaseModel):
    """A source of a patch.

    Attributes:
        source: its kind
        weight: its factor, 0 to 1
        parameters: its own controls, by name; left out: defaults
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: The kinds that there are, by name.
    KINDS: ClassVar[Mapping[str, Kind]]

    source: str
    weight: float = 1.0
    parameters: dict[str, float] = Field(default_factory=dict)

    @field_validator("source")
    @classmethod
    def _known(cls, source: str) -> str:
        if source not in cls.KINDS:
            raise ValueError(f"there is no source {source!r}; there are {', '.join(cls.KINDS)}")
        return source

    def model_post_init(self, context: Any) -> None:
        """Check weight and parameters against their ranges."""
        complete((WEIGHT,), {"weight": self.weight})
        own = complete(self.KINDS[self.source].parameters, self.parameters)
        object.__setattr__(self, "parameters", own)

    @property
    def name(self) -> str:
        """Return what people call it."""
        return self.source

    def row(self) -> tuple[str, str, str]:
        """Return name, weight and controls as text."""
        own = "  ".join(f"{control} {value:.3g}" for control, value in self.parameters.items())
        return self.name, f"{self.weight:.3f}", own


def complete(specs: tuple[ParameterSpec, ...], given: dict[str, float]) -> dict[str, float]:
    """Return a checked value for each control.

    Raises:
        ValueError: one is unknown or outside its range.
    """
    unknown = sorted(set(given) - {spec.name for spec in specs})
    if unknown:
        raise ValueError(f"there is no control {unknown[0]!r}")
    try:
        return {spec.name: spec.check(given.get(spec.name, spec.default)) for spec in specs}
    except ParameterError as error:
        raise ValueError(str(error)) from error
