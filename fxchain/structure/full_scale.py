"""A chain whose output is cut off at full scale, as a converter cuts it."""

from dataclasses import replace

import numpy as np

from fxchain.primitives import REGISTRY, Primitive
from fxchain.stage import Effect
from fxchain.structure.series import top_stages, with_top_stages
from fxchain.structure.template import Template


def with_full_scale(template: Template) -> Template:
    """Return a chain with a clipping at 0 dBFS at its end, which stays there in any other chain.

    Args:
        template: the chain
    """
    clip = _hard_limit()
    stages = (*top_stages(template.stage), Effect(clip))
    (spec,) = clip.parameters
    return replace(
        template,
        stage=with_top_stages(template.stage, stages),
        values=np.append(template.values, min(0.0, spec.high)),
        free=np.append(template.free, False),
        locked=True,
    )


def _hard_limit() -> Primitive:
    """Return the effect that only cuts: its limit is all there is to set."""
    return next(
        each
        for each in REGISTRY.values()
        if each.limit is not None and [spec.name for spec in each.parameters] == [each.limit]
    )
