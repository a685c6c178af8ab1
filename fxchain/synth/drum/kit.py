"""Drums on the keys of a keyboard, as a file."""

from collections.abc import Sequence
from typing import ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from fxchain.notes.note import note_name
from fxchain.synth.drum.patch import DrumNode, DrumPatch
from fxchain.synth.patch.patch_file import PatchFile


class KitDrum(BaseModel):
    """A drum of a kit.

    Attributes:
        key: of a MIDI keyboard
        drum: what it hits
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: int = Field(ge=0, le=127)
    drum: DrumPatch


class Kit(PatchFile):
    """Drums that are hit by notes of their keys; other notes are silent.

    Attributes:
        format: names the format
        version: of the format
        drums: each on a key of its own
    """

    FORMAT: ClassVar[str] = "fxchain-kit"
    OF: ClassVar[str] = "several drums"
    COMMAND: ClassVar[str] = "fxchain synth kit"

    format: Literal["fxchain-kit"] = "fxchain-kit"
    version: Literal[1] = 1
    drums: tuple[KitDrum, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _apart(self) -> Self:
        keys = [each.key for each in self.drums]
        if len(set(keys)) < len(keys):
            raise ValueError("two drums are on one key")
        return self

    @property
    def nodes(self) -> Sequence[DrumNode]:
        """Return the sources of all drums."""
        return [node for each in self.drums for node in each.drum.sources]

    def rows(self) -> list[tuple[str, str, str]]:
        """Return name, weight and controls of each source as text, with the key of its drum."""
        return [
            (f"key {each.key} ({note_name(each.key)}) {name}", weight, own)
            for each in self.drums
            for name, weight, own in each.drum.rows()
        ]
