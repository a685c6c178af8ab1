"""Several pairs of one device become comparable: one sample rate, equal channels, one polarity."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fxchain.files.audio_input import Audio
from fxchain.recordings.aligned_pair import AlignedPair, align_pair, with_latency_shift
from fxchain.recordings.load_recording import load, one_channel
from fxchain.recordings.one_sided_stereo import only_sounding_channel
from fxchain.recordings.pair import Pair, comparable
from fxchain.recordings.pair_check import checked_pair, drift_corrected
from fxchain.recordings.pair_source import PairSource, speaking_of


@dataclass(frozen=True, eq=False)
class AlignedPairs:
    """Aligned pairs of one device.

    Attributes:
        sources: where they came from, one for each pair
        pairs: equal in sample rate and channels, each aligned by itself
        polarity: +1 or -1, the device's
        anchor: the pair whose level the chain has when all levels are free, else None
        warnings: sentences for the user
    """

    sources: tuple[PairSource, ...]
    pairs: tuple[AlignedPair, ...]
    polarity: int
    anchor: int | None
    warnings: tuple[str, ...]


def read_pair_sources(
    sources: Sequence[PairSource], sample_rate: float | None = None
) -> tuple[Pair, ...]:
    """Read all recordings and make them comparable.

    The sample rate of the first dry rules. When one wet is mono, all are mixed to mono.

    Args:
        sources: with an id each
        sample_rate: Hz, of those that are arrays

    Raises:
        AudioError: a recording cannot be read or used as audio.
        MatchError: a recording is silent or too short, or has no such channel.
    """
    loaded = [_load(take, sample_rate) for take in sources]
    rate = loaded[0][0].sample_rate
    mono = any(wet.channels == 1 or only_sounding_channel(wet) is not None for _, wet in loaded)
    pairs = []
    for take, (dry, wet) in zip(sources, loaded, strict=True):
        with speaking_of(take):
            pairs.append(comparable(dry, wet, rate, mono))
    return tuple(pairs)


def align_pairs(
    sources: Sequence[PairSource],
    pairs: Sequence[Pair],
    correct_drift: bool = False,
    anyway: bool = False,
) -> AlignedPairs:
    """Align each pair by itself, and settle the polarity of all.

    The polarity is that of the majority, each pair weighted by how sure its own is (1 where it is
    given). A wet whose given polarity differs is turned round; one whose found polarity differs
    stays as it is, with a warning.

    Args:
        sources: with an id each
        pairs: made by `read_pair_sources` of them
        correct_drift: take the drift of its clock out of each wet
        anyway: warn where the recordings of a pair seem unrelated, instead of refusing

    Raises:
        MatchError: a fitted part is silent, a latency leaves too little in common, or the
            recordings of a pair have nothing in common.
    """
    aligned = []
    for take, pair in zip(sources, pairs, strict=True):
        with speaking_of(take):
            ppm = 0.0
            if correct_drift:
                pair, ppm = drift_corrected(pair, take.latency_samples)
            prepared = align_pair(pair, take.latency_samples, take.polarity)
            aligned.append(checked_pair(prepared, ppm, anyway))
    polarity = _majority(sources, aligned)
    anchor = 0 if all(take.gain_free for take in sources) else None
    warnings: list[str] = []
    settled = []
    for at, (take, prepared) in enumerate(zip(sources, aligned, strict=True)):
        warnings += [take.about(sentence) for sentence in prepared.warnings]
        if prepared.alignment.polarity != polarity:
            warnings.append(_disagreement(take, prepared, polarity))
        settled.append(_settled(take, prepared, polarity, take.gain_free and at != anchor))
    return AlignedPairs(tuple(sources), tuple(settled), polarity, anchor, tuple(warnings))


def with_latency_shifts(together: AlignedPairs, samples: Sequence[float]) -> AlignedPairs:
    """Return pairs aligned as before, but with latencies that are greater by part of a sample.

    Args:
        together: how they were aligned
        samples: how much greater each latency is
    """
    moved = [
        _settled(
            take,
            with_latency_shift(prepared, more),
            together.polarity,
            prepared.problem.gain_free,
        )
        for take, prepared, more in zip(together.sources, together.pairs, samples, strict=True)
    ]
    return replace(together, pairs=tuple(moved))


def _settled(
    take: PairSource, prepared: AlignedPair, polarity: int, gain_free: bool
) -> AlignedPair:
    """Return a pair with the polarity of all: turned round where its own was given otherwise."""
    if take.polarity is not None and prepared.alignment.polarity != polarity:
        prepared = _turned(prepared)
    problem = replace(prepared.problem, polarity=polarity, gain_free=gain_free)
    return replace(prepared, problem=problem)


def _load(take: PairSource, sample_rate: float | None) -> tuple[Audio, Audio]:
    """Read dry and wet, of the dry one channel where that is wanted."""
    with speaking_of(take):
        dry, wet = load(take.dry, sample_rate, "dry"), load(take.wet, sample_rate, "wet")
        return one_channel(dry, take.dry_channel), wet


def _majority(sources: Sequence[PairSource], pairs: Sequence[AlignedPair]) -> int:
    """Return the polarity of most; that of the first when they are even."""
    votes = [
        pair.alignment.polarity
        * (1.0 if take.polarity is not None else pair.alignment.polarity_confidence)
        for take, pair in zip(sources, pairs, strict=True)
    ]
    total = sum(votes)
    if total == 0.0:
        return pairs[0].alignment.polarity
    return 1 if total > 0.0 else -1


def _disagreement(take: PairSource, pair: AlignedPair, polarity: int) -> str:
    """Say what happens to a pair whose polarity is not that of most."""
    own, other = ("+" if sign > 0 else "-" for sign in (pair.alignment.polarity, polarity))
    if take.polarity is not None:
        return (
            f"pair {take.id}: its polarity ({own}) was given, that of most is {other}; its wet "
            "recording is turned round"
        )
    return (
        f"pair {take.id}: its polarity seems to be {own} (confidence "
        f"{pair.alignment.polarity_confidence:.2f}), that of most is {other}, which is used; give "
        "its own if you know it, then its wet recording is turned round"
    )


def _turned(pair: AlignedPair) -> AlignedPair:
    """Turn the wet upside down."""
    problem = replace(pair.problem, wet=-pair.problem.wet)
    return replace(pair, problem=problem, wet=-pair.wet)
