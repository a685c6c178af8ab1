"""High-pass and low-pass filters of first order whose cut-offs may be exchanged.

Both have the poles of their cut-offs, and zeros that do not depend on these. So a high-pass at f
and a low-pass at g have but for a gain the response of a high-pass at g and a low-pass at f:

    H(f)·L(g) = n_g / n_f · H(g)·L(f),    n_f = tan(pi·f / sample rate)

Where f is above g, the first two play a narrow band softly, and what stands behind makes up for the
level: drives that amplify only, beyond their ranges. The form with the lower high-pass is taken.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch

from fxchain.primitives import Primitive, get_primitive
from fxchain.structure.candidate import Candidate
from fxchain.structure.canonical import canonical
from fxchain.structure.canonical_levels import gain_units
from fxchain.structure.canonical_order import is_linear
from fxchain.structure.canonical_tree import Node, Nodes, Split, Unit, candidate_of, nodes_of

_HIGHPASS, _LOWPASS = get_primitive("highpass_filter"), get_primitive("lowpass_filter")
_CUTOFF = "cutoff_frequency_hz"


def with_passes_in_order(candidate: Candidate, sample_rate: float) -> Candidate:
    """Return the canonical form of a candidate with the lower cut-offs in its high-passes.

    Args:
        candidate: any; its loss is kept
        sample_rate: Hz, at which it sounds the same
    """
    nodes = nodes_of(candidate)
    found = _ordered(nodes, sample_rate)
    return candidate if found == nodes else canonical(candidate_of(found, candidate))


def _ordered(nodes: Sequence[Node], sample_rate: float) -> Nodes:
    """Return nodes with pairs exchanged in each run of linear ones, gains behind the runs."""
    found: list[Node] = []
    run: list[Unit] = []
    for node in nodes:
        if isinstance(node, Unit) and is_linear(node):
            run.append(node)
            continue
        found += [*_run_ordered(run, sample_rate), _inside(node, sample_rate)]
        run = []
    return (*found, *_run_ordered(run, sample_rate))


def _inside(node: Node, sample_rate: float) -> Node:
    if isinstance(node, Unit):
        return node
    branches = (replace(b, nodes=_ordered(b.nodes, sample_rate)) for b in node.branches)
    return Split(tuple(branches), node.id)


def _run_ordered(run: Sequence[Unit], sample_rate: float) -> Nodes:
    """Return filters of one run; of those high-passes and low-passes the lower cut-offs first."""
    changed = list(run)
    high, low = (
        [at for at, unit in enumerate(run) if unit.primitive is kind and unit.all_free]
        for kind in (_HIGHPASS, _LOWPASS)
    )
    high.sort(key=lambda at: -run[at].named[_CUTOFF])
    low.sort(key=lambda at: run[at].named[_CUTOFF])
    factor = 1.0
    for one, other in zip(high, low, strict=False):
        above, below = run[one].named[_CUTOFF], run[other].named[_CUTOFF]
        lower, upper = run[one].at({_CUTOFF: below}), run[other].at({_CUTOFF: above})
        if above <= below or lower is None or upper is None:
            break
        changed[one], changed[other] = lower, upper
        before, after = (
            _numerator(high_hz, _HIGHPASS, sample_rate) * _numerator(low_hz, _LOWPASS, sample_rate)
            for high_hz, low_hz in ((above, below), (below, above))
        )
        factor *= before / after
    return (*changed, *gain_units(factor))


def _numerator(cutoff_frequency_hz: float, primitive: Primitive, sample_rate: float) -> float:
    """Return the first coefficient of a filter, that all of its numerator is proportional to."""
    assert primitive.sections is not None
    cutoff = torch.tensor([cutoff_frequency_hz], dtype=torch.float64)
    return float(primitive.sections(sample_rate, cutoff_frequency_hz=cutoff)[0, 0, 0])
