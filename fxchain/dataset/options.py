"""What a data set is made of."""

import math
from dataclasses import dataclass

from fxchain.errors import MatchError
from fxchain.files.sample_rates import HIGHEST_SAMPLE_RATE, LOWEST_SAMPLE_RATE

AUDIO_FORMATS = ("flac", "wav")
MOST_PAIRS = 100_000_000
SHORTEST_SECONDS, LONGEST_SECONDS = 1.0, 600.0


@dataclass(frozen=True)
class DatasetOptions:
    """The options of a data set.

    Attributes:
        count: how many pairs
        seed: of everything that is drawn, 0 or more
        seconds: length of each pair, s
        sample_rates: Hz; each pair has one of them
        audio_format: of the files, `flac` (24 bits) or `wav` (32-bit floats)
        shares: of the splits, as `parse_shares` returns them
    """

    count: int
    seed: int = 0
    seconds: float = 10.0
    sample_rates: tuple[int, ...] = (44_100,)
    audio_format: str = "flac"
    shares: tuple[float, ...] = (0.8, 0.1, 0.1)

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            MatchError: naming the option.
        """
        if not 1 <= self.count <= MOST_PAIRS:
            raise MatchError(f"--count {self.count}: give 1 to {MOST_PAIRS}")
        if self.seed < 0:
            raise MatchError(f"--seed {self.seed}: give 0 or more")
        low, high = SHORTEST_SECONDS, LONGEST_SECONDS
        if not math.isfinite(self.seconds) or not low <= self.seconds <= high:
            raise MatchError(f"--seconds {self.seconds:g}: give {low:g} to {high:g}")
        for rate in self.sample_rates:
            if not LOWEST_SAMPLE_RATE <= rate <= HIGHEST_SAMPLE_RATE:
                raise MatchError(
                    f"--sample-rates {rate}: give {LOWEST_SAMPLE_RATE} to {HIGHEST_SAMPLE_RATE} Hz"
                )
        if not self.sample_rates or len(set(self.sample_rates)) < len(self.sample_rates):
            raise MatchError("--sample-rates: give each rate once, as in 44100,48000")
        if self.audio_format not in AUDIO_FORMATS:
            raise MatchError(f"--format {self.audio_format}: give {' or '.join(AUDIO_FORMATS)}")


def parse_sample_rates(text: str) -> tuple[int, ...]:
    """Return the rates in a list such as 44100,48000, Hz.

    Raises:
        MatchError: one is no whole number.
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise MatchError(
            f"--sample-rates {text}: give whole numbers in Hz, as in 44100,48000"
        ) from None
