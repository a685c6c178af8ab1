"""The stages of a chain in their order."""

from fxchain.stage import Chain, Stage


def top_stages(stage: Stage) -> tuple[Stage, ...]:
    """Return the stages of a chain, or the stage itself where it is none."""
    return stage.stages if isinstance(stage, Chain) else (stage,)


def seen_by_autograd(stage: Stage) -> tuple[int, int]:
    """Return how many stages begin the chain of which autograd sees every control.

    Returns:
        the number of stages, and that of their values
    """
    count, size = 0, 0
    for each in top_stages(stage):
        if not all(slot.autograd_sees for slot in each.slots()):
            break
        count, size = count + 1, size + each.size
    return count, size
