"""Each split has its share of the pairs, and its sources for itself."""

import pytest

from fxchain.dataset.splits import SPLITS, parse_shares, split_of_pair, split_sources
from fxchain.errors import MatchError


@pytest.mark.parametrize("text", ["80,10,10", "100,0,0", "33.3,33.3,33.4"])
def test_every_first_pairs_have_their_shares(text):
    shares = parse_shares(text)
    assert sum(shares) == pytest.approx(1.0)
    counts = dict.fromkeys(SPLITS, 0)
    for number in range(3_000):
        counts[split_of_pair(number, shares)] += 1
        if number in (9, 99, 999, 2_999):
            wanted = [share * (number + 1) for share in shares]
            assert list(counts.values()) == pytest.approx(wanted, abs=2.5)
    assert all(counts[name] == 0 for name, share in zip(SPLITS, shares, strict=True) if not share)


@pytest.mark.parametrize(
    "text", ["", "80,20", "80,10,20", "a,b,c", "120,-10,-10", "nan,50,50", "80;10;10"]
)
def test_shares_that_are_none(text):
    with pytest.raises(MatchError, match=r"--splits .*: give the percentages"):
        parse_shares(text)


def test_sources_are_divided_by_their_shares():
    digests = [f"{number:04x}" for number in range(40)]
    found = split_sources(digests, (0.8, 0.1, 0.1), seed=0)
    assert sorted(found) == digests
    counts = [list(found.values()).count(name) for name in SPLITS]
    assert counts == pytest.approx([32, 4, 4], abs=1)
    assert found == split_sources(digests[::-1], (0.8, 0.1, 0.1), seed=0)
    assert found != split_sources(digests, (0.8, 0.1, 0.1), seed=1)


def test_every_split_gets_a_source():
    found = split_sources(["a", "b", "c"], (0.98, 0.01, 0.01), seed=0)
    assert sorted(found.values()) == sorted(SPLITS)
    with pytest.raises(MatchError, match="2 different recordings are too few for 3 splits"):
        split_sources(["a", "b"], (0.98, 0.01, 0.01), seed=0)
    assert set(split_sources(["a"], (1.0, 0.0, 0.0), seed=0).values()) == {"train"}
