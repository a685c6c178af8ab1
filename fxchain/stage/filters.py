"""Filters in series as second-order sections: their coefficients, and the derivatives of these.

Filters of one kind are computed together. A chain has dozens, and computing the handful of numbers
of one by one would cost more than playing some of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from fxchain.primitives import Primitive


@dataclass(frozen=True, eq=False)
class Filter:
    """A filter with its values.

    Attributes:
        primitive: has `sections`
        values: (batch, size), physical
    """

    primitive: Primitive
    values: Tensor


def coefficients(filters: Sequence[Filter], sample_rate: float, rounded: bool) -> Tensor:
    """Return the sections of all filters in their order, (batch, sections, 6), float64.

    Args:
        filters: with batches of one size, or of one; at least one
        sample_rate: Hz
        rounded: as pedalboard rounds them for float32 audio; the gradient is that of the exact ones
    """
    batch = max(len(each.values) for each in filters)
    found: dict[int, Tensor] = {}
    for places in _by_kind(filters):
        every = [filters[place].values.expand(batch, -1) for place in places]
        rows = _computed(filters[places[0]].primitive, torch.cat(every), sample_rate, rounded)
        found |= dict(zip(places, rows.split(batch), strict=True))
    return torch.cat([found[place] for place in range(len(filters))], dim=1)


def coefficient_slopes(filters: Sequence[Filter], sample_rate: float) -> list[Tensor]:
    """Return the derivatives of each filter's coefficients by its values, (sections, 6, size).

    Args:
        filters: the first of a batch counts
        sample_rate: Hz
    """
    found: dict[int, Tensor] = {}
    for places in _by_kind(filters):
        every = torch.cat([filters[place].values[:1] for place in places])
        slopes = _slopes(filters[places[0]].primitive, every, sample_rate)
        found |= dict(zip(places, slopes, strict=True))
    return [found[place] for place in range(len(filters))]


def _by_kind(filters: Sequence[Filter]) -> list[list[int]]:
    """Return the places of the filters of each kind."""
    places: dict[str, list[int]] = {}
    for place, each in enumerate(filters):
        places.setdefault(each.primitive.kind, []).append(place)
    return list(places.values())


def _computed(primitive: Primitive, values: Tensor, sample_rate: float, rounded: bool) -> Tensor:
    exact = _sections(primitive, values.double(), sample_rate)
    if not rounded:
        return exact
    with torch.no_grad():
        near = _sections(primitive, values.detach().float(), sample_rate).double()
    return exact + (near - exact).detach()


def _sections(primitive: Primitive, values: Tensor, sample_rate: float) -> Tensor:
    """Return (batch, sections, 6) of values (batch, size)."""
    if primitive.sections is None:
        raise ValueError(f"{primitive.kind} has no sections")
    names = [spec.name for spec in primitive.parameters]
    named = dict(zip(names, values.unbind(1), strict=True))
    return primitive.sections(sample_rate, **named).expand(len(values), -1, -1)


def _slopes(primitive: Primitive, values: Tensor, sample_rate: float) -> Tensor:
    """Return (filters, sections, 6, size) of values (filters, size).

    All coefficients are differentiated at once: a batch with one row for each of them.
    """
    with torch.enable_grad():
        exact = values.detach().double()
        shape = _sections(primitive, exact[:1], sample_rate).shape[1:]
        count = shape.numel()
        if not exact.numel():
            return exact.new_zeros(len(exact), *shape, 0)
        rows = exact.repeat_interleave(count, dim=0).requires_grad_()
        made = _sections(primitive, rows, sample_rate).reshape(len(exact), count, count)
        (slopes,) = torch.autograd.grad(made.diagonal(dim1=1, dim2=2).sum(), rows)
    return slopes.reshape(len(exact), *shape, values.shape[1])
