"""The free controls of a chain as one vector in the unit cube."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from fxchain.stage import Slot, Stage


class KnobVector:
    """Which controls of a chain may move, and where they stand in the unit cube.

    A cube holds the positions of the free values alone; the others stay as they are given.

    Args:
        stage: the chain's structure
        values: (size,), physical; those that are not free stay
        free: (size,), bool
    """

    def __init__(self, stage: Stage, values: np.ndarray, free: np.ndarray) -> None:
        self.stage, self.base, self.free = stage, np.array(values, dtype=np.float64), free
        self.slots: tuple[Slot, ...] = tuple(
            slot for slot, chosen in zip(stage.slots(), free, strict=True) if chosen
        )

    def cube(self, values: np.ndarray) -> np.ndarray:
        """Return the positions of the free values of (size,) physical values."""
        chosen = values[self.free]
        pairs = zip(self.slots, chosen, strict=True)
        return np.array([slot.spec.normalize(float(value)) for slot, value in pairs])

    def values(self, cube: np.ndarray) -> np.ndarray:
        """Return all physical values (size,) at a cube."""
        return self.tensor_values(torch.from_numpy(np.asarray(cube, dtype=np.float64))).numpy()

    def tensor_values(self, cube: Tensor) -> Tensor:
        """Return all physical values (size,) at a cube, differentiably."""
        full = torch.from_numpy(self.base).clone()
        if not self.slots:
            return full
        moved = [slot.spec.denormalize(cube[i]) for i, slot in enumerate(self.slots)]
        return full.index_put((torch.from_numpy(np.flatnonzero(self.free)),), torch.stack(moved))

    def jacobian_indices(self) -> np.ndarray:
        """Return the coordinates whose slopes are known: those second-order steps move."""
        return self._where(slot.has_jacobian for slot in self.slots)

    def autograd_indices(self) -> np.ndarray:
        """Return the coordinates the gradient moves."""
        return self._where(slot.autograd_sees for slot in self.slots)

    def evolution_indices(self) -> np.ndarray:
        """Return the coordinates evolution moves: those autograd does not see."""
        return self._where(not slot.autograd_sees for slot in self.slots)

    def quantized_indices(self) -> np.ndarray:
        """Return the coordinates of times that are cut to whole samples."""
        return self._where(slot.quantized for slot in self.slots)

    def controls(self, purpose: str, name: str) -> np.ndarray:
        """Return the coordinates of the controls of a name in effects of a purpose."""
        return self._where(
            slot.purpose == purpose and slot.spec.name == name for slot in self.slots
        )

    @staticmethod
    def _where(flags: Iterator[bool]) -> np.ndarray:
        return np.flatnonzero(np.fromiter(flags, dtype=bool))
