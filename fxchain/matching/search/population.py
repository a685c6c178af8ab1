"""The candidates of a growing population: which survive, which are edited next."""

from collections.abc import Callable, Iterable, Sequence

from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical_tree import nodes_of
from fxchain.structure.criterion import price_of
from fxchain.structure.places import signature, species


def signature_of(candidate: Candidate) -> str:
    """Return its structure but for the order of filters."""
    return signature(nodes_of(candidate))


def species_of(candidate: Candidate) -> str:
    """Return which effects that are no filters it has, in their order."""
    return species(nodes_of(candidate))


def distinct(candidates: Iterable[Candidate], of: Callable[[Candidate], str]) -> list[Candidate]:
    """Return the first candidate of each name."""
    found: dict[str, Candidate] = {}
    for candidate in candidates:
        found.setdefault(of(candidate), candidate)
    return list(found.values())


def survivors(candidates: Sequence[Candidate], count: int, of_each: int) -> list[Candidate]:
    """Return the candidates with the least price, of each species and structure only so many.

    Args:
        candidates: evaluated
        count: how many survive
        of_each: how many of one species

    Source:
        the protection of new structures by species in Stanley and Miikkulainen, "Evolving neural
        networks through augmenting topologies", 2002.
    """
    found: list[Candidate] = []
    counts: dict[str, int] = {}
    for candidate in distinct(sorted(candidates, key=price_of), signature_of):
        name = species_of(candidate)
        if counts.get(name, 0) < of_each:
            counts[name] = counts.get(name, 0) + 1
            found.append(candidate)
        if len(found) == count:
            break
    return found
