"""What is said of effects that no pedalboard plugin plays."""

from collections.abc import Sequence


def numpy_sentence(stages: Sequence[str], player: str) -> str:
    """Return in one sentence which effects numpy plays.

    Args:
        stages: their places and kinds, at least one
        player: what plays them
    """
    if len(stages) == 1:
        return f"{stages[0]} has no pedalboard plugin; {player} plays it in numpy"
    listed = f"{', '.join(stages[:-1])} and {stages[-1]}"
    return f"{listed} have no pedalboard plugin; {player} plays them in numpy"
