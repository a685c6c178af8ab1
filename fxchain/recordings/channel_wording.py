"""How one channel differs from the other, in words."""

import numpy as np

from fxchain.wording import counted


def difference_in_words(lag: int, sign: int, factor: float, sample_rate: int) -> str:
    """Return in words how the right channel differs from the left one.

    Args:
        lag: by how many samples it is late; negative where it is early
        sign: -1 where it is inverted
        factor: of its level
        sample_rate: Hz
    """
    words = []
    if lag:
        milliseconds = 1e3 * abs(lag) / sample_rate
        when = "late" if lag > 0 else "early"
        words.append(f"{counted(abs(lag), 'sample')} ({milliseconds:.2f} ms) {when}")
    if sign < 0:
        words.append("inverted")
    level_db = 20.0 * np.log10(factor)
    if abs(level_db) >= 0.05:
        words.append(f"{abs(level_db):.1f} dB {'louder' if level_db > 0 else 'quieter'}")
    return ", ".join(words)
