"""Which of the proposed edits of a chain are tried."""

from collections.abc import Sequence
from dataclasses import replace

from fxchain.structure.canonical_tree import Unit
from fxchain.structure.places import Place, Target, is_filter
from fxchain.structure.proposal import Proposal


def selected(
    proposals: Sequence[Proposal], most: int, around: tuple[Unit, ...] = ()
) -> list[Proposal]:
    """Return the proposals that are worth a refit, of every kind of edit and effect some.

    The cheapest first, of each kind of effect two, of each effect at one place one; then the
    cheapest of each kind that is no filter and not among them, so that no species dies unseen. An
    effect that cannot be neutral is proposed beside the clean signal too, alone and between
    filters.

    Args:
        proposals: the cheapest first
        most: how many of them, those of the last two sentences not counted
        around: filters that hardly change anything
    """
    chosen: list[Proposal] = []
    counts: dict[tuple[str, int, bool], int] = {}
    used: set[tuple[str, int, tuple[Place, int] | None, Target | None]] = set()
    for proposal in proposals:
        first = proposal.insertions[0] if proposal.insertions else None
        size, kind = len(proposal.insertions), proposal.kind
        key = (kind, size, proposal.place, proposal.target)
        group = (kind, size, proposal.target is not None)
        bends = first is not None and not is_filter(first.unit)
        fresh = bends and size == 1 and proposal.target is None and not counts.get(group)
        room = len(chosen) < most and counts.get(group, 0) < 2
        if key in used or not (room or fresh):
            continue
        used.add(key)
        counts[group] = counts.get(group, 0) + 1
        chosen.append(proposal)
        if fresh and room and first is not None and first.unit.primitive.neutral is None:
            for filters in ((), around) if around else ((),):
                beside = replace(first, parallel=True, around=filters)
                chosen.append(replace(proposal, insertions=(beside,)))
    return chosen
