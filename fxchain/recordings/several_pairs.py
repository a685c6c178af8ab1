"""Several pairs of one device become comparable: one sample rate, equal channels, one polarity."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fxchain.files.audio_input import Audio
from fxchain.recordings.aligned_pair import AlignedPair, align_pair, with_latency
from fxchain.recordings.flutter_correction import flutter_corrected
from fxchain.recordings.header_rate import with_right_rates
from fxchain.recordings.levels import levelled
from fxchain.recordings.load_recording import load, one_channel
from fxchain.recordings.one_sided_stereo import only_sounding_channel
from fxchain.recordings.pair import Pair, comparable
from fxchain.recordings.pair_check import checked_pair, drift_corrected
from fxchain.recordings.pair_source import PairSource, naming_errors
from fxchain.recordings.take import placed


@dataclass(frozen=True, eq=False)
class AlignedPairs:
    """Aligned pairs of one device.

    Attributes:
        sources: where they came from, one for each pair
        pairs: equal in sample rate and channels, each aligned by itself
        polarity: +1 or -1, the device's
        anchor: index of the pair whose level the chain has when all levels are free, else None
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

    All get the sample rate of the first dry. When one wet is mono, all are mixed to mono.

    Args:
        sources: of the pairs, at least one
        sample_rate: Hz, of those that are arrays

    Raises:
        AudioError: a recording cannot be read or used as audio.
        MatchError: a recording is silent or too short, or has no such channel.
    """
    loaded = [_load(source, sample_rate) for source in sources]
    rate = loaded[0][0].sample_rate
    mono = any(wet.channels == 1 or only_sounding_channel(wet) is not None for _, wet, _ in loaded)
    pairs = []
    for source, (dry, wet, said) in zip(sources, loaded, strict=True):
        with naming_errors(source):
            pair = comparable(dry, wet, rate, mono, routed=len(sources) == 1)
            pair = placed(_of_channel(pair, source.dry_channel), source.latency_samples)
            pairs.append(replace(pair, warnings=(*said, *pair.warnings)))
    return levelled(pairs)


def align_pairs(
    sources: Sequence[PairSource],
    pairs: Sequence[Pair],
    correct_drift: bool = False,
    anyway: bool = False,
    correct_flutter: bool = False,
) -> AlignedPairs:
    """Align each pair by itself, and give all of them one polarity.

    The polarity is that of the majority, each pair weighted by the confidence of its own (1 where
    it is given). A wet whose given polarity differs is inverted; one whose found polarity differs
    stays as it is, with a warning.

    Args:
        sources: of the pairs
        pairs: made by `read_pair_sources` of them
        correct_drift: remove the drift of the clock of each wet
        anyway: warn where the recordings of a pair seem unrelated, instead of refusing them
        correct_flutter: take the wow and flutter out of each wet

    Raises:
        MatchError: a fitted part is silent, a latency leaves too little in common, or the
            recordings of a pair have nothing in common.
    """
    checked = [
        _checked(source, pair, (correct_drift, correct_flutter), anyway)
        for source, pair in zip(sources, pairs, strict=True)
    ]
    polarity = _majority(sources, checked)
    anchor = 0 if all(source.gain_free for source in sources) else None
    warnings: list[str] = []
    aligned = []
    for at, (source, pair) in enumerate(zip(sources, checked, strict=True)):
        warnings += [source.about(sentence) for sentence in pair.warnings]
        if pair.alignment.polarity != polarity:
            warnings.append(_disagreement(source, pair, polarity))
        gain_free = source.gain_free and at != anchor
        problem = replace(pair.problem, recording=at, gain_free=gain_free)
        aligned.append(_with_polarity(source, replace(pair, problem=problem), polarity))
    return AlignedPairs(tuple(sources), tuple(aligned), polarity, anchor, tuple(warnings))


def with_latency_shifts(aligned: AlignedPairs, samples: Sequence[float]) -> AlignedPairs:
    """Return pairs aligned anew, each latency greater by a fraction of a sample.

    Args:
        aligned: the pairs
        samples: by how much, for each
    """
    latencies = [
        round(pair.alignment.latency_samples + more, 4)
        for pair, more in zip(aligned.pairs, samples, strict=True)
    ]
    return with_latencies(aligned, latencies, (True,) * len(latencies))


def with_latencies(
    aligned: AlignedPairs, samples: Sequence[float], known: Sequence[bool]
) -> AlignedPairs:
    """Return pairs aligned anew.

    Args:
        aligned: the pairs
        samples: the latency of each, may be fractional
        known: of each, whether a fit may not change it
    """
    moved = []
    for source, pair, latency in zip(
        aligned.sources, aligned.pairs, zip(samples, known, strict=True), strict=True
    ):
        before, there = pair.problem, with_latency(pair, *latency)
        problem = replace(there.problem, recording=before.recording, gain_free=before.gain_free)
        moved.append(_with_polarity(source, replace(there, problem=problem), aligned.polarity))
    return replace(aligned, pairs=tuple(moved))


def _checked(
    source: PairSource, pair: Pair, correct: tuple[bool, bool], anyway: bool
) -> AlignedPair:
    """Align a pair and check that it is one; where asked, take out drift, and flutter."""
    with naming_errors(source):
        ppm = 0.0
        correct_drift, correct_flutter = correct
        if correct_drift:
            pair, ppm = drift_corrected(pair, source.latency_samples)
        if correct_flutter:
            pair = flutter_corrected(pair, source.latency_samples)
        aligned = align_pair(pair, source.latency_samples, source.polarity)
        return checked_pair(aligned, ppm, anyway)


def _with_polarity(source: PairSource, pair: AlignedPair, polarity: int) -> AlignedPair:
    """Return a pair with the polarity of all: inverted where its own was given otherwise."""
    if source.polarity is not None and pair.alignment.polarity != polarity:
        pair = _inverted(pair)
    return replace(pair, problem=replace(pair.problem, polarity=polarity))


def _of_channel(pair: Pair, channel: int | None) -> Pair:
    """Return a pair whose routing takes the channel of the dry that the user chose."""
    if channel is None or pair.routing is None:
        return pair
    return replace(pair, routing=pair.routing.of_channel(channel))


def _load(source: PairSource, sample_rate: float | None) -> tuple[Audio, Audio, list[str]]:
    """Read dry and wet, one channel of each where one is chosen; and say what was wrong."""
    with naming_errors(source):
        dry, wet = load(source.dry, sample_rate, "dry"), load(source.wet, sample_rate, "wet")
        dry, wet = one_channel(dry, source.dry_channel), one_channel(wet, source.wet_channel)
        return with_right_rates(dry, wet)


def _majority(sources: Sequence[PairSource], pairs: Sequence[AlignedPair]) -> int:
    """Return the polarity with the larger sum of weights; in a tie that of the first pair."""
    votes = [
        pair.alignment.polarity
        * (1.0 if source.polarity is not None else pair.alignment.polarity_confidence)
        for source, pair in zip(sources, pairs, strict=True)
    ]
    total = sum(votes)
    if total == 0.0:
        return pairs[0].alignment.polarity
    return 1 if total > 0.0 else -1


def _disagreement(source: PairSource, pair: AlignedPair, polarity: int) -> str:
    """Say what happens to a pair whose polarity is not that of most."""
    own, other = ("+" if sign > 0 else "-" for sign in (pair.alignment.polarity, polarity))
    if source.polarity is not None:
        return (
            f"pair {source.id}: its polarity ({own}) was given, that of most is {other}; its wet "
            "recording is turned round"
        )
    return (
        f"pair {source.id}: its polarity seems to be {own} (confidence "
        f"{pair.alignment.polarity_confidence:.2f}), that of most is {other}, which is used; give "
        "its own if you know it, then its wet recording is turned round"
    )


def _inverted(pair: AlignedPair) -> AlignedPair:
    """Return a pair with the wet multiplied by −1."""
    problem = replace(pair.problem, wet=-pair.problem.wet)
    return replace(pair, problem=problem, wet=-pair.wet)
