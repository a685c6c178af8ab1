"""Stages that were measured from the recordings, beside those that have knobs."""

from fxchain.structure.candidate import Candidate
from fxchain.structure.criterion import measured_count


def is_measured(candidate: Candidate | None) -> bool:
    """Tell whether a chain has a stage that plays what was measured or recorded."""
    return candidate is not None and measured_count(candidate.stage) > 0
