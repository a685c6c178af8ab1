"""What a report is made of: whoever has found a chain fills this in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fxchain.preset import Preset


@dataclass(frozen=True, eq=False)
class Track:
    """One of several recordings that play on one time axis.

    Attributes:
        key: `"dry"`, `"wet"`, `"matched"` or another short word of small letters
        label: what its button says
        samples: (channels, samples), full scale 1
        file: the name of its file, whatever it may hold; empty where it has none
    """

    key: str
    label: str
    samples: np.ndarray
    file: str = ""


@dataclass(frozen=True, eq=False)
class Scene:
    """Recordings that are heard against each other.

    Attributes:
        name: of the pair; empty when there is only one
        tracks: what can be chosen, in the order of their keys 1, 2, 3 …
        reference: key of the track to whose loudness the others are brought
        played: key of the track that the chain was fed with; None: nothing is shown of what
            happens inside the chain
        compared: keys of two tracks whose difference can be heard; None where it says nothing
        held_out: first sample and end of what the search never heard, or None
    """

    name: str
    tracks: tuple[Track, ...]
    reference: str
    played: str | None = None
    compared: tuple[str, str] | None = None
    held_out: tuple[int, int] | None = None

    def track(self, key: str) -> Track:
        """Return the track of that key."""
        return next(track for track in self.tracks if track.key == key)

    @property
    def length(self) -> int:
        """Return how many samples all tracks have."""
        return min(track.samples.shape[1] for track in self.tracks)


@dataclass(frozen=True, eq=False)
class ReportContent:
    """A chain that was found, and what is known about it.

    Attributes:
        title: what the page is about, such as the name of the wet file; may hold anything
        preset: the chain with its settings
        metrics: what `metrics.json` holds; whatever is missing there is left out of the page
        sample_rate: Hz, of all tracks
        scenes: what can be heard; of many the first few
        history: one entry a step of the search: phase, loss, step, seconds
        files: names of the files beside the page
    """

    title: str
    preset: Preset
    metrics: Mapping[str, Any]
    sample_rate: int
    scenes: tuple[Scene, ...] = ()
    history: Sequence[Mapping[str, Any]] = ()
    files: tuple[str, ...] = field(default=())
