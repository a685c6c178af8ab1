"""Which pieces of recordings a cell is trained on, and which judge it."""

from collections.abc import Sequence

import numpy as np

from fxchain.recurrent.recording import Recording
from fxchain.recurrent.trained_piece import Piece

#: A piece with no more than this share of the energy of the loudest one is silent.
SILENT = 1e-6
#: In how many parts the ends of the recordings, which are left out, are judged: where notes decay
#: they have different levels.
PARTS = 4


def left_out_parts(recordings: Sequence[Recording]) -> list[list[Piece]]:
    """Return the parts of what is left out, with a piece of each recording; none that is silent."""
    parts: list[list[Piece]] = [[] for _ in range(PARTS)]
    for each in recordings:
        if each.assumed:
            continue
        edges = np.linspace(each.end, len(each.audio), PARTS + 1).round().astype(int).tolist()
        for part, begin, end in zip(parts, edges, edges[1:], strict=False):
            part.append(Piece(each, begin, end))
    energies = [sum(piece.energy for piece in part) for part in parts]
    kept = zip(parts, energies, strict=True)
    return [part for part, energy in kept if energy > SILENT * max(energies)]


def level_of(recordings: Sequence[Recording]) -> float:
    """Return the root mean square of what is compared."""
    parts = [each.audio[each.gain > 0.0] for each in recordings if not each.assumed]
    heard = np.concatenate(parts) if parts else np.zeros(0)
    return float(np.sqrt(np.mean(np.square(heard, dtype=np.float64)))) if len(heard) else 0.0


def chosen_pieces(recordings: Sequence[Recording], count: int, length: int) -> list[Piece]:
    """Return so many pieces of what was recorded, 0: all, and a quarter as many of the rest."""
    recorded = _evenly([each for each in recordings if not each.assumed], count, length)
    assumed = [each for each in recordings if each.assumed]
    return recorded + _evenly(assumed, max(len(recorded) // 4, 1), length)


def _evenly(recordings: Sequence[Recording], count: int, length: int) -> list[Piece]:
    """Return so many pieces of what is trained on that are not silent, evenly over time; 0: all."""
    whole = [
        Piece(each, begin, min(begin + length, each.end))
        for each in recordings
        for begin in range(int(np.argmax(each.gain > 0.0)), each.end, length)
    ]
    loudest = max((piece.energy for piece in whole), default=0.0)
    heard = [piece for piece in whole if piece.energy > SILENT * loudest]
    if not count or count >= len(heard):
        return heard
    return [heard[place] for place in np.linspace(0, len(heard) - 1, count).round().astype(int)]
