"""The patch: a voice and the effects behind it, as a file."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from fxchain.errors import ParameterError, PresetError
from fxchain.files.atomic import write_text_atomic
from fxchain.parameter import ParameterSpec
from fxchain.preset import Preset
from fxchain.preset.strict_json import parse, read_text
from fxchain.synth.patch.controls import CONTROLS, WEIGHT
from fxchain.synth.sources import SOURCES
from fxchain.synth.voice.oscillator import Oscillator, Voice


class SourceNode(BaseModel):
    """A source of a patch.

    Attributes:
        source: its kind, e.g. `saw`
        octave: −1, 0 or 1 relative to the note
        weight: its factor, 0 to 1
        parameters: its own controls, by name
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str
    octave: Literal[-1, 0, 1] = 0
    weight: float = 1.0
    parameters: dict[str, float] = Field(default_factory=dict)

    @field_validator("source")
    @classmethod
    def _known(cls, source: str) -> str:
        if source not in SOURCES:
            raise ValueError(f"there is no source {source!r}; there are {', '.join(SOURCES)}")
        return source

    def model_post_init(self, context: Any) -> None:
        """Check weight and parameters against their ranges."""
        complete((WEIGHT,), {"weight": self.weight})
        object.__setattr__(
            self, "parameters", complete(SOURCES[self.source].parameters, self.parameters)
        )


class PatchFile(BaseModel, ABC):
    """What files of patches have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Names the format in the file.
    FORMAT: ClassVar[str]

    def to_json(self) -> str:
        """Return the text of the file."""
        return self.model_dump_json(indent=2) + "\n"

    def save(self, path: str | Path, force: bool = False) -> None:
        """Write the file.

        Raises:
            OutputError: it exists and `force` is off, or cannot be written.
        """
        write_text_atomic(path, self.to_json(), force)

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a file.

        Raises:
            PresetError: there is none, or it is no patch; naming file and place.
        """
        document = parse(read_text(Path(path)), str(path))
        return cls.from_document(document, str(path))

    @classmethod
    def from_document(cls, document: Any, name: str) -> Self:
        """Return the patch that a document holds.

        Args:
            document: what the JSON holds
            name: what messages call it

        Raises:
            PresetError: it is no patch; naming the place.
        """
        if not isinstance(document, dict) or document.get("format") != cls.FORMAT:
            raise PresetError(
                f"{name}: this is no patch; give the patch.json of fxchain synth match"
            )
        try:
            patch = cls.model_validate(document)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise PresetError(f"{name}: {place}: {first['msg']}") from error
        patch.check_parts()
        return patch

    @abstractmethod
    def rows(self) -> list[tuple[str, str, str]]:
        """Return name, weight and controls of each source as text."""

    def lines(self) -> list[str]:
        """Return its sources and controls as lines of text."""
        return [
            f"{name:<28} weight {weight}  {controls}".rstrip()
            for name, weight, controls in self.rows()
        ]

    @property
    def preset(self) -> Preset | None:
        """Return the effects behind it, or None where there are none."""
        return None

    def check_parts(self) -> None:
        """Refuse what is wrong inside of parts that have formats of their own.

        Raises:
            PresetError: naming the part.
        """


class Patch(PatchFile):
    """A voice that plays notes, and the effects behind it.

    Attributes:
        format: names the format
        version: of the format
        level_db: gain of the voice, dB
        noise_seed: of its noise
        sources: what is summed
        controls: values of the controls in `fxchain/synth/patch/controls.py`; left out: defaults
        effects: a preset as in `preset.json`; None: no effects
    """

    FORMAT: ClassVar[str] = "fxchain-patch"

    format: Literal["fxchain-patch"] = "fxchain-patch"
    version: Literal[1] = 1
    level_db: float = Field(default=0.0, ge=-120.0, le=60.0)
    noise_seed: int = Field(default=0, ge=0)
    sources: tuple[SourceNode, ...] = Field(min_length=1)
    controls: dict[str, float] = Field(default_factory=dict, validate_default=True)
    effects: dict[str, Any] | None = None

    @field_validator("controls")
    @classmethod
    def _in_range(cls, controls: dict[str, float]) -> dict[str, float]:
        return complete(CONTROLS, controls)

    @property
    def voice(self) -> Voice:
        """Return what plays the notes, with its level."""
        gain = 10.0 ** (self.level_db / 20.0)
        return Voice(
            tuple(
                Oscillator(
                    SOURCES[each.source].coefficients,
                    each.octave,
                    gain * each.weight,
                    each.parameters,
                )
                for each in self.sources
            ),
            self.controls,
            self.noise_seed,
        )

    @property
    def preset(self) -> Preset | None:
        """Return the effects behind the voice."""
        import json

        if self.effects is None:
            return None
        return Preset.from_json(json.dumps(self.effects), name="the effects of the patch")

    def rows(self) -> list[tuple[str, str, str]]:
        """Return name, weight and controls of each source as text."""
        found = []
        for each in self.sources:
            octave = f" {each.octave:+d} octave" if each.octave else ""
            found.append(source_row(each.source + octave, each.weight, each.parameters))
        return found

    def lines(self) -> list[str]:
        """Return its sources and controls as lines of text."""
        return super().lines() + [f"{name:<28} {it:.4g}" for name, it in self.controls.items()]

    def check_parts(self) -> None:
        """Refuse effects that are no preset."""
        _ = self.preset


def source_row(name: str, weight: float, parameters: dict[str, float]) -> tuple[str, str, str]:
    """Return name, weight and controls of a source as text."""
    own = "  ".join(f"{control} {value:.3g}" for control, value in parameters.items())
    return name, f"{weight:.3f}", own


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
