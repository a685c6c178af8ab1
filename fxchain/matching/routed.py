"""A match of what was compared becomes one of the recordings: with their channels and levels."""

from dataclasses import replace

import numpy as np

from fxchain.player import Routing
from fxchain.preset.routing import describe, routing_node
from fxchain.recordings.several_pairs import AlignedPairs
from fxchain.session.front import Front
from fxchain.session.result import Match


def with_routing(found: Match, aligned: AlignedPairs) -> Match:
    """Return a match whose presets and audio have the channels and levels of the recordings.

    Args:
        found: of what was compared, with presets that know no routing
        aligned: the pairs
    """
    routings = [pair.read.routing for pair in aligned.pairs]
    first = routings[0]
    preset = replace(found.preset, routing=first)
    if preset.routing is None:
        return found
    files = zip(found.matched_files.items(), routings, strict=False)
    return replace(
        found,
        preset=preset,
        metrics={**found.metrics, **routing_node(first), "routed": describe(first)},
        matched=_output(first, found.matched),
        matched_files={name: _output(routing, played) for (name, played), routing in files},
        front=None if found.front is None else _front(found.front, first),
    )


def _front(front: Front, routing: Routing | None) -> Front:
    chains = (replace(each, preset=replace(each.preset, routing=routing)) for each in front.chains)
    return replace(front, chains=tuple(chains))


def _output(routing: Routing | None, played: np.ndarray) -> np.ndarray:
    return played if routing is None else routing.output(played)
