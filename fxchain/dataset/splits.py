"""Training, validation and test: the shares of the pairs, and which pair belongs to which."""

import hashlib
import math
from collections.abc import Sequence

from fxchain.errors import MatchError

SPLITS = ("train", "validation", "test")
#: Consecutive multiples of the golden ratio, modulo 1, divide an interval evenly at any count.
_STEP = (math.sqrt(5.0) - 1.0) / 2.0


def parse_shares(text: str) -> tuple[float, ...]:
    """Return the shares of `SPLITS` in a list such as 80,10,10; they add up to 1.

    Raises:
        MatchError: not three numbers of 0 or more that add up to 100.
    """
    try:
        shares = tuple(float(part) for part in text.split(","))
    except ValueError:
        shares = ()
    right = len(shares) == len(SPLITS) and all(0.0 <= share <= 100.0 for share in shares)
    if not right or abs(sum(shares) - 100.0) > 1e-6:
        raise MatchError(
            f"--splits {text}: give the percentages of {', '.join(SPLITS)}, as in 80,10,10; they "
            "add up to 100"
        )
    return tuple(share / 100.0 for share in shares)


def split_of_pair(number: int, shares: Sequence[float]) -> str:
    """Return the split of a pair; of any first pairs each split has its share, give or take one.

    Args:
        number: of the pair, counted from 0; its split does not depend on how many there are
        shares: of `SPLITS`, adding up to 1
    """
    position, end = math.fmod((number + 0.5) * _STEP, 1.0), 0.0
    for name, share in zip(SPLITS, shares, strict=True):
        end += share
        if position < end:
            return name
    return max(zip(shares, SPLITS, strict=True))[1]  # a sum of shares rounded to less than 1


def split_sources(digests: Sequence[str], shares: Sequence[float], seed: int) -> dict[str, str]:
    """Divide sources among the splits by their shares, at least one for each that has any.

    Args:
        digests: of the sources' contents, without duplicates
        shares: of `SPLITS`, adding up to 1
        seed: of the order in which they are divided

    Returns:
        the split of each digest

    Raises:
        MatchError: there are fewer sources than splits.
    """
    wanted = [name for name, share in zip(SPLITS, shares, strict=True) if share > 0.0]
    if len(digests) < len(wanted):
        raise MatchError(
            f"{len(digests)} different recordings are too few for {len(wanted)} splits that share "
            "none; give more recordings, or --splits 100,0,0"
        )
    order = sorted(digests, key=lambda each: hashlib.sha256(f"{seed} {each}".encode()).digest())
    found = dict(zip(order, wanted, strict=False))
    counts = dict.fromkeys(wanted, 1)
    by_name = dict(zip(SPLITS, shares, strict=True))
    for digest in order[len(wanted) :]:
        name = max(wanted, key=lambda each: by_name[each] / (counts[each] + 1))
        found[digest] = name
        counts[name] += 1
    return found
