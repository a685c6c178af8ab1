"""A chain with other filters, fewer or other kinds, and nearly the same response where the signal
is."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch

from fxchain.iir.equivalent import Equivalent
from fxchain.iir.filter_runs import FilterRun, filter_runs
from fxchain.iir.nearest_filters import nearest_filters, order_of_all
from fxchain.iir.response_distance import Spectrum
from fxchain.matching.search.band_powers import (
    FAINT,
    band_centres,
    power_shares,
    sums_in_bands,
    windowed_spectrum,
    with_faint,
)
from fxchain.matching.search.wanted_responses import WantedResponse
from fxchain.objectives.excerpt import Excerpt
from fxchain.objectives.level_normalization import level_normalized
from fxchain.objectives.play_excerpt import play_excerpt
from fxchain.primitives import Primitive
from fxchain.stage import Effect
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_tree import Nodes, Unit, candidate_of, nodes_of
from fxchain.structure.criterion import FLOOR, Complexity, price
from fxchain.structure.filter_response import response_of
from fxchain.structure.places import Place, is_filter, nodes_at, run_start
from fxchain.structure.proposal import gain_unit

#: What an exchange may change, as shares of the error of the chain, the largest first.
TOLERANCES = (1.0, 0.1)
#: Another set in the place of a run may change so many times the error.
APART = 10.0
#: Where the response that is wanted follows from the wet, the order may be higher by so much.
MORE = 6


@dataclass(frozen=True)
class OtherFilters:
    """Makes chains with other filters.

    Attributes:
        excerpts: what is compared; the signals are those of the first
        sample_rate: Hz
        primitives: kinds of filters that may be used beside those that are there
        delay_free: the latencies of all excerpts are fitted
    """

    excerpts: Sequence[Excerpt]
    sample_rate: int
    primitives: Sequence[Primitive]
    delay_free: bool = False

    def fewest(self, candidate: Candidate, tolerance: float) -> Candidate:
        """Return a candidate with the fewest filters in each run of which the distance from the
        response that is there (`equivalent`) is at most a tolerance; the same where there
        are none."""
        nodes, delay_samples = nodes_of(candidate), 0.0
        for run in reversed(filter_runs(nodes)):
            found = self._fewest_of(candidate, nodes, run, tolerance)
            if found is not None:
                nodes = run.exchanged(nodes, _units(found, run))
                delay_samples += found.delay_samples
        return _delayed(replace(candidate_of(nodes, candidate), loss=None), delay_samples)

    def exchanged(
        self, candidate: Candidate, wanted: Sequence[WantedResponse] = ()
    ) -> list[Candidate]:
        """Return candidates with another set of filters in one place.

        Args:
            candidate: the chain
            wanted: what filters at some of its places should do

        Returns:
            for each place the set that promises the least price and the simplest, with the loss to
            be expected at most
        """
        nodes, loss = nodes_of(candidate), candidate.loss or 0.0
        made, more = [], {each.place: each for each in wanted}
        runs = [run for run in filter_runs(nodes) if run.filters]
        begun = [run_start(nodes, Place(run.path, run.first)) for run in runs]
        empty = [place for place in more if place not in begun]
        begun += empty
        runs += [FilterRun(place.path, place.index, ()) for place in empty]
        for run, place in zip(runs, begun, strict=True):
            there, left = self._wanted(candidate, nodes, run), loss
            orders = order_of_all(run.filters, self.sample_rate)
            if run.filters and _ends_linearly(run, nodes):
                there, explained = self._corrected(candidate, there)
                left, orders = max(loss - explained, 0.0), orders + MORE
            elif place in more:
                response = there.response * more[place].response(there.points, self.sample_rate)
                there = replace(there, response=response)
                left, orders = more[place].left, orders + MORE
            most = APART * max(loss, FLOOR)
            near = nearest_filters(there, self.usable(run), orders, most, max(left, FLOOR))
            chosen = _best_and_simplest(near, left)
            for each in chosen if run.filters else chosen[:1]:
                new = candidate_of(run.exchanged(nodes, _units(each, run)), candidate)
                made.append(_delayed(replace(new, loss=left + each.distance), each.delay_samples))
        return made

    def _corrected(self, candidate: Candidate, wanted: Spectrum) -> tuple[Spectrum, float]:
        """Return what filters that nothing but filters follow should do by what the chain leaves,
        and how much of the error that would explain."""
        excerpt = self.excerpts[0]
        played = play_excerpt(candidate.stage, candidate.values, excerpt, self.sample_rate)
        first, known = excerpt.first_valid, excerpt.known()
        played, wet = (audio[:, first:] * known for audio in (played, excerpt.wet))
        if excerpt.gain_free:
            played = level_normalized(torch.from_numpy(played), torch.from_numpy(wet)).numpy()
        left, there = windowed_spectrum(wet - played), windowed_spectrum(played)
        hertz = np.fft.rfftfreq(played.shape[1], 1.0 / self.sample_rate)
        energy = sums_in_bands(np.square(np.abs(there)), wanted.points, hertz)
        along = sums_in_bands(left * there.conj(), wanted.points, hertz)
        power = power_shares(played, wanted.points, self.sample_rate)
        more = np.where(power > FAINT, along / np.maximum(energy, 1e-30), 0.0)
        explained = float(np.sum(power * np.abs(more) ** 2))
        response = wanted.response * (1.0 + more)
        return replace(wanted, response=response, power=with_faint(power, response)), explained

    def usable(self, run: FilterRun | None = None) -> list[Primitive]:
        """Return the kinds of filters that may be used, in the place of a run its own as well."""
        own = () if run is None else tuple(unit.primitive for unit in run.filters)
        return list(
            {each.kind: each for each in (*self.primitives, *own) if _can_start(each)}.values()
        )

    def _fewest_of(
        self, candidate: Candidate, nodes: Nodes, run: FilterRun, tolerance: float
    ) -> Equivalent | None:
        if not run.filters:
            return None
        knobs = sum(len(unit.values) for unit in run.filters)
        wanted = self._wanted(candidate, nodes, run)
        orders = order_of_all(run.filters, self.sample_rate)
        found = nearest_filters(wanted, self.usable(run), orders, tolerance, tolerance)
        fewer = [each for each in found if each.distance <= tolerance and each.knobs < knobs]
        return min(fewer, key=lambda each: (each.knobs, each.distance), default=None)

    def _wanted(self, candidate: Candidate, nodes: Nodes, run: FilterRun) -> Spectrum:
        """Return the response of a run, and the power of what the chain plays behind it."""
        before: list[Nodes] = []
        for depth, (index, _) in enumerate(run.path):
            before.append(nodes_at(nodes, run.path[:depth])[:index])
        before.append(nodes_at(nodes, run.path)[: run.first])
        line = tuple(node for part in before for node in part)
        there = candidate_of((*line, *run.units), candidate)
        audio = play_excerpt(there.stage, there.values, self.excerpts[0], self.sample_rate)
        points = band_centres(self.sample_rate)
        response = response_of(run.units, points, self.sample_rate)
        power = with_faint(power_shares(audio, points, self.sample_rate), response)
        return Spectrum(points, response, power, self.sample_rate, self.delay_free)


def with_filters(candidate: Candidate, place: Place, found: Equivalent) -> Candidate:
    """Return a candidate in canonical form with filters at a place, without a loss."""
    run = FilterRun(place.path, place.index, ())
    nodes = run.exchanged(nodes_of(candidate), _units(found, run))
    new = replace(candidate_of(nodes, candidate), loss=None)
    return _delayed(new, found.delay_samples)


def _delayed(candidate: Candidate, samples: float) -> Candidate:
    """Return a candidate in canonical form that is to be delayed: so much later its wets are."""
    shifts = tuple(shift + samples for shift in candidate.latency_shifts)
    return canonical(replace(candidate, latency_shifts=shifts))


def _price(loss: float, of: Equivalent) -> float:
    return price(loss + of.distance, Complexity(of.knobs, len(of.units)))


def _best_and_simplest(sets: Sequence[Equivalent], loss: float) -> list[Equivalent]:
    """Return the set of filters with the least price, and the simplest of the others."""
    ranked = sorted(sets, key=partial(_price, loss))
    return ranked[:1] + sorted(ranked[1:], key=lambda each: (each.knobs, each.distance))[:1]


def _can_start(primitive: Primitive) -> bool:
    """Tell whether a fit of a filter by its response may begin with it."""
    return (
        primitive.nature == "filter"
        and primitive.sections is not None
        and primitive.starts is not None
        and primitive.purpose != "level"
    )


def _ends_linearly(run: FilterRun, nodes: Nodes) -> bool:
    return not run.path and all(map(is_filter, nodes[run.first :]))


def _units(found: Equivalent, run: FilterRun) -> Sequence[Unit]:
    """Return filters and the gain behind them; of each kind they have the ids of those before."""
    ids: dict[str, list[str]] = defaultdict(list)
    for unit in run.filters:
        ids[unit.primitive.kind].append(unit.effect.id)
    units = []
    for unit in found.units:
        known = ids[unit.primitive.kind]
        effect = Effect(unit.primitive, {}, known.pop(0) if known else "")
        units.append(Unit(effect, unit.values, unit.free))
    return (*units, gain_unit(found.gain_db))
