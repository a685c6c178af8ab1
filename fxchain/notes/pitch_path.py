"""The path of the pitch through the scores of all frames."""

import numpy as np

#: What a jump costs, and a step of the frequency axis from frame to frame.
_JUMP, _STEP = 0.4, 0.02
#: The pitch glides by at most so many steps from frame to frame (60 cents in 10 ms).
GLIDE = 3


def best_path(scores: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the path with the largest sum of scores less its costs, and that sum.

    Args:
        scores: (frames, steps)

    Returns:
        (frames,) steps

    Source:
        Viterbi 1967
    """
    frames, steps = scores.shape
    numbers, total = np.arange(steps), scores[0].copy()
    before = np.zeros((frames, steps), dtype=np.int32)
    for frame in range(1, frames):
        best, origin = total.copy(), numbers.copy()
        for away in range(1, GLIDE + 1):
            for target, source in (
                (slice(away, None), slice(None, -away)),
                (slice(None, -away), slice(away, None)),
            ):
                tried = total[source] - _STEP * away
                better = tried > best[target]
                best[target][better] = tried[better]
                origin[target][better] = numbers[source][better]
        top = int(np.argmax(total))
        jumped = total[top] - _JUMP > best
        best[jumped], origin[jumped] = total[top] - _JUMP, top
        before[frame] = origin
        total = best + scores[frame]
    path = np.empty(frames, dtype=int)
    path[-1] = int(np.argmax(total))
    for frame in range(frames - 1, 0, -1):
        path[frame - 1] = before[frame, path[frame]]
    return path, float(total.max())
