"""The content of a report, filled in by a match or a transfer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fxchain.preset import Preset


@dataclass(frozen=True, eq=False)
class Track:
    """One of several recordings on one time axis.

    Attributes:
        key: `"dry"`, `"wet"`, `"matched"` or another short word of small letters
        label: of its button
        samples: (channels, samples), full scale 1
        file: the name of its file, untrusted text; empty where it has none
    """

    key: str
    label: str
    samples: np.ndarray
    file: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Tracks that are compared by ear.

    Attributes:
        name: of the pair; empty when there is only one
        tracks: in the order of their keys 1, 2, 3 …
        reference: key of the track whose loudness the others are matched to
        played: key of the chain's input; None: the signals inside the chain are not shown
        compared: keys of two tracks whose difference is a track too; None: there is none
        held_out: first sample and end of the held-out part, or None
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
        """Return the number of samples of the shortest track."""
        return min(track.samples.shape[1] for track in self.tracks)


@dataclass(frozen=True, eq=False)
class ReportContent:
    """A chain and all that its report shows.

    Attributes:
        title: such as the name of the wet file; untrusted text
        preset: the chain with its settings
        metrics: those of `metrics.json`; parts of the page whose figures are missing are left out
        sample_rate: Hz, of all tracks
        comparisons: of tracks; of many the first few are on the page
        history: one entry a step of the search: phase, loss, step, seconds
        files: names of the files beside the page
    """

    title: str
    preset: Preset
    metrics: Mapping[str, Any]
    sample_rate: int
    comparisons: tuple[Comparison, ...] = ()
    history: Sequence[Mapping[str, Any]] = ()
    files: tuple[str, ...] = field(default=())
