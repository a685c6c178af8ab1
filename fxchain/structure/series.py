"""The stages of a chain in their order."""

from fxchain.stage import Stage


def top_stages(stage: Stage) -> tuple[Stage, ...]:
    """Return the stages of a chain, or the stage itself where it is none."""
    return getattr(stage, "stages", (stage,))
