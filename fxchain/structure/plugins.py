"""Plug-ins of other makers in a chain that is matched."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from fxchain.errors import PluginError
from fxchain.hosting.description import PluginDescription
from fxchain.preset.effects import effects_of
from fxchain.preset.plugins import plugin_at
from fxchain.primitives.external import external
from fxchain.stage import Chain, Effect, Stage
from fxchain.structure.edits import with_exchanged
from fxchain.structure.series import top_stages, with_top_stages
from fxchain.structure.template import Template


def hosted(stage: Stage) -> list[PluginDescription]:
    """Return what is known of the plug-ins of other makers in a chain, each once."""
    placed = effects_of(stage, np.zeros(stage.size))
    known = [each.effect.primitive.hosted for each in placed]
    return list(dict.fromkeys(each for each in known if each is not None))


def has_opaque(stage: Stage) -> bool:
    """Tell whether a chain has effects of which only the output is known, whoever made them."""
    placed = effects_of(stage, np.zeros(stage.size))
    return any(each.effect.primitive.gradient in ("differences", "none") for each in placed)


def of_plugins(plugins: Sequence[str]) -> Template:
    """Return a chain of plug-ins in series, everything free.

    Args:
        plugins: `PATH` or `PATH:NAME` each

    Raises:
        PluginError: one cannot be loaded.
    """
    stage = Chain(tuple(Effect(plugin_at(plugin)) for plugin in plugins))
    values = np.array([slot.spec.default for slot in stage.slots()], dtype=np.float64)
    name = ", ".join(each.name for each in hosted(stage))
    return Template(name, stage, values, np.ones(stage.size, dtype=bool))


def followed_by(template: Template, plugins: Sequence[str]) -> Template:
    """Return a chain with plug-ins behind it; no other chain is searched instead of it.

    Raises:
        PluginError: one cannot be loaded.
    """
    behind = of_plugins(plugins)
    stages = (*top_stages(template.stage), *top_stages(behind.stage))
    return replace(
        template,
        name=f"{template.name}, {behind.name}",
        stage=with_top_stages(template.stage, stages),
        values=np.concatenate([template.values, behind.values]),
        free=np.concatenate([template.free, behind.free]),
        response=False,
        grows=(),
    )


def probed_at(template: Template, sample_rate: float) -> Template:
    """Return the chain with what its plug-ins do at a sample rate; knobs that do nothing are fixed.

    Args:
        template: the chain
        sample_rate: Hz

    Raises:
        PluginError: a plug-in hangs, crashes, or cannot be matched.
    """
    known = hosted(template.stage)
    if not known:
        return template
    found = {each.name: external(_usable(each, sample_rate)) for each in known}
    stage = with_exchanged(template.stage, found).stage
    dead = {
        f"{name}.{knob.name}"
        for name, primitive in found.items()
        for knob in (primitive.hosted.knobs if primitive.hosted else ())
        if knob.dead
    }
    alive = np.array([slot.name not in dead for slot in stage.slots()], dtype=bool)
    return replace(template, stage=stage, free=template.free & alive)


def _usable(known: PluginDescription, sample_rate: float) -> PluginDescription:
    from fxchain.hosting.kept_findings import probed_once

    found = known if known.probed else probed_once(known, sample_rate)
    if not found.repeats:
        raise PluginError(
            f"{found.name}: the same input does not give the same output, so that its settings "
            "cannot be compared; leave it out"
        )
    if found.latency_samples:
        raise PluginError(
            f"{found.name}: its output is {found.latency_samples} samples late, and plug-ins with "
            "a latency cannot be matched; leave it out"
        )
    return found


def plugin_notes(stage: Stage) -> list[str]:
    """Return a sentence about each plug-in that was tried."""
    words = {
        "filter": "linear and time-invariant: gradients pass through its response",
        "memoryless": "memoryless: gradients pass along its curve",
        "opaque": "neither linear nor memoryless: evolution and differences find its settings",
    }
    notes = []
    for each in hosted(stage):
        dead = [knob.name for knob in each.knobs if knob.dead]
        left = f"; without effect, and left as found: {', '.join(dead)}" if dead else ""
        moves = "; it moves by itself, which is not followed" if each.moves else ""
        notes.append(f"the plug-in {each.name} is {words[each.behaviour]}{left}{moves}")
    return notes
