"""A dry and a wet recording on one time axis."""

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from fxchain.alignment.fractional_delay import REACH, advanced, whole_part


@dataclass(frozen=True, eq=False)
class AlignedAudio:
    """Dry and wet, equally long.

    Attributes:
        dry: (channels, samples), float32
        wet: (channels, samples), float32
        first_valid: index of the first sample at which the wet is known; what lies before it is
            played but not compared
        gaps: first sample and end of each stretch behind that in which it is not known either:
            samples that a recorder lost
    """

    dry: NDArray[np.float32]
    wet: NDArray[np.float32]
    first_valid: int
    gaps: tuple[tuple[int, int], ...] = field(default=(), kw_only=True)

    def known(self) -> NDArray[np.bool_]:
        """Return for each sample from `first_valid` on whether the wet is known, (samples,)."""
        found = np.ones(self.wet.shape[-1], bool)
        for begin, end in self.gaps:
            found[max(begin, 0) : max(end, 0)] = False
        return found[self.first_valid :]

    def largest_known(self) -> "AlignedAudio":
        """Return the part with the most energy between two gaps; all of it where there are none.

        Regression with Toeplitz equations needs a part without gaps; the dry is kept from its
        first sample, since its past is heard in the wet.
        """
        if not self.gaps:
            return self
        edges = np.flatnonzero(np.diff(self.known().astype(np.int8), prepend=0, append=0))
        power = np.sum(np.square(self.wet[:, self.first_valid :], dtype=np.float64), axis=0)
        total = np.concatenate([[0.0], np.cumsum(power)])
        begins, ends = edges[::2], edges[1::2]
        best = int(np.argmax(total[ends] - total[begins]))
        begin, end = (int(at[best]) + self.first_valid for at in (begins, ends))
        return AlignedAudio(self.dry[:, :end], self.wet[:, :end], begin)

    def moved(self, samples: int) -> Self:
        """Return the same with the wet earlier by whole samples; where it ends, so does the dry."""
        if samples == 0:
            return self
        wet = self.wet[:, samples:] if samples > 0 else np.pad(self.wet, ((0, 0), (-samples, 0)))
        length = min(wet.shape[-1], self.dry.shape[-1])
        return replace(
            self,
            dry=self.dry[:, :length],
            wet=wet[:, :length],
            first_valid=max(self.first_valid - samples, 0),
            gaps=tuple((max(begin - samples, 0), end - samples) for begin, end in self.gaps),
        )

    def shifted(self, samples: float) -> Self:
        """Return the same with the wet earlier by a number of samples that need not be whole.

        What interpolation does not know, `REACH` samples at both ends, is not compared.
        """
        whole = whole_part(samples)
        if whole:
            return self.moved(whole).shifted(samples - whole)
        known = slice(0, self.wet.shape[-1] - REACH)
        wet, first_valid = advanced(self.wet, samples)[:, known], self.first_valid + REACH
        return replace(self, dry=self.dry[:, known], wet=wet, first_valid=first_valid)
