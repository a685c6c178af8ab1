"""Where the files of a pair lie in the folder of a data set."""

from dataclasses import dataclass
from pathlib import Path

PAIRS = "pairs"
#: So many pairs lie in one folder.
PAIRS_PER_FOLDER = 1_000


@dataclass(frozen=True)
class PairFiles:
    """The names of the files of a pair, relative to the data set, with / between their parts.

    Attributes:
        id: of the pair, its number with zeros before it
        dry: audio
        wet: audio
        preset: the chain between them; written last, so that the pair is complete where it is
    """

    id: str
    dry: str
    wet: str
    preset: str

    @classmethod
    def of(cls, number: int, audio_format: str) -> "PairFiles":
        """Return the names of a pair by its number, counted from 0."""
        name = f"{number:08d}"
        place = f"{PAIRS}/{number // PAIRS_PER_FOLDER:05d}/{name}"
        return cls(
            name, f"{place}-dry.{audio_format}", f"{place}-wet.{audio_format}", f"{place}.json"
        )

    def complete(self, folder: Path) -> bool:
        """Tell whether the pair is there."""
        return (folder / self.preset).is_file()
