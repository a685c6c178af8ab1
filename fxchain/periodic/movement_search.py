"""The movement of a copy: followed at a low sample rate, then behind second-order steps."""

from collections.abc import Callable, Sequence

from fxchain.periodic.copy_filters import best_length
from fxchain.periodic.following import Start, followed
from fxchain.periodic.measured_part import MeasuredPart
from fxchain.periodic.movement_steps import M, stepped
from fxchain.periodic.slow_movement import SlowMovement


def find_movement(
    part: MeasuredPart,
    low_rate: float,
    starts: Sequence[Start[M]],
    steps: tuple[int, int, int],
    over: Callable[[], bool],
    further: Sequence[Start[M]] = (),
) -> M | SlowMovement | None:
    """Return what moves between dry and wet.

    Args:
        part: of a recording
        low_rate: about the sample rate at which it is looked for, Hz
        starts: what the copy may be made by
        steps: of each that is followed, of the best, and of that at the rate of the recording
        over: tells when no further step is made
        further: starts that go on where they leave less than all others

    Returns:
        None where nothing that moves explains the wet; slow movement where something does that does
        not move once
    """
    coarse = part.slower(max(round(part.sample_rate / low_rate), 1))
    found = followed(coarse, starts, further, over)
    if not found:
        return None
    if found[0].swings.too_slow:
        _, checked, constant = best_length(coarse, found[0].late)
        return SlowMovement(checked, constant, part.seconds)
    moving = [each.movement for each in found if not each.swings.too_slow]
    nearer = [stepped(each, coarse, steps[0], over) for each in moving]
    movement = min(nearer, key=lambda each: each[0])[1]
    movement = stepped(movement, coarse, steps[1], over)[1]
    return movement if coarse is part else stepped(movement, part, steps[2], over)[1]
