"""What files of patches have in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from fxchain.errors import PresetError
from fxchain.files.atomic import write_text_atomic
from fxchain.preset import Preset
from fxchain.preset.strict_json import parse, read_text
from fxchain.synth.patch.weighted_source import WeightedSource


class PatchFile(BaseModel, ABC):
    """What files of patches have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Names the format in the file.
    FORMAT: ClassVar[str]
    #: What it plays, and which command writes it, in messages.
    OF: ClassVar[str]
    COMMAND: ClassVar[str]

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
                f"{name}: this is no patch of {cls.OF}; give what {cls.COMMAND} writes"
            )
        try:
            patch = cls.model_validate(document)
        except ValidationError as error:
            first = error.errors()[0]
            place = "".join(f"{part}." for part in first["loc"])[:-1]
            words = [name, place, first["msg"]] if place else [name, first["msg"]]
            raise PresetError(": ".join(words)) from error
        patch.check_parts()
        return patch

    @property
    @abstractmethod
    def nodes(self) -> Sequence[WeightedSource]:
        """Return its sources."""

    def rows(self) -> list[tuple[str, str, str]]:
        """Return name, weight and controls of each source as text."""
        return [each.row() for each in self.nodes]

    def shared(self) -> list[tuple[str, float, str]]:
        """Return name, value and unit of each control that all sources share."""
        return []

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
