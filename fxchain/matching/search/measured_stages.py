"""Stages that were measured from the recordings, beside those that have knobs."""

from fxchain.stage import Effect, Stage
from fxchain.stage.identity import stages_by_path
from fxchain.structure.candidate import Candidate


def is_measured(candidate: Candidate | None) -> bool:
    """Tell whether a chain has a stage that plays what was measured or recorded."""
    return candidate is not None and measured_count(candidate.stage) > 0


def measured_count(stage: Stage) -> int:
    """Return how many effects of a stage play what was measured or recorded."""
    return sum(isinstance(each, Effect) and bool(each.assets) for _, each in stages_by_path(stage))
