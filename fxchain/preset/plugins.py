"""Plug-ins of other makers in presets and chain files."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from fxchain.errors import ParameterError, PluginError
from fxchain.hosting.description import PluginDescription, split_name
from fxchain.preset.nodes import DescriptionNode, validate
from fxchain.primitives import Primitive
from fxchain.primitives.external import external

Refuse = Callable[[str], Exception]

#: A variable of the environment: further folders from which presets may load plug-ins.
TRUSTED = "FXCHAIN_PLUGINS"


def read_plugin(node: dict[str, Any] | str, refuse: Refuse, *, complete: bool) -> Primitive:
    """Return the plug-in that a stage of a preset or of a chain file names.

    Args:
        node: what is known of it; in a chain file also `PATH` or `PATH:NAME`
        refuse: makes the error out of one sentence
        complete: it stands in a preset

    Raises:
        what `refuse` returns: it is missing, another one, or cannot be loaded.
    """
    try:
        if isinstance(node, str):
            if complete:
                raise refuse("plugin must say what is known of the plug-in, not only its file")
            return plugin_at(node)
        validate(DescriptionNode, node, refuse, within="plugin")
        return external(_found(PluginDescription.from_node(node)))
    except (ParameterError, PluginError, ValueError) as error:
        if type(error) is type(refuse("")):
            raise
        raise refuse(str(error)) from error


def plugin_at(plugin: str) -> Primitive:
    """Return the plug-in `PATH` or `PATH:NAME` as an effect.

    Raises:
        PluginError: it cannot be loaded.
    """
    from fxchain.hosting.hosted_plugin import inspected

    return external(inspected(*split_name(plugin)))


def _found(known: PluginDescription) -> PluginDescription:
    """Return the description with where the plug-in lies now.

    A plug-in is a program, and a preset may come from anybody: from anywhere but the folders for
    plug-ins none is loaded.

    Raises:
        PluginError: it lies elsewhere.
        ValueError: it is missing, or another one.
    """
    from fxchain.player.external_plugin import find_plugin

    file = find_plugin(known.file, known.name, known.sha256)
    if not any(Path(file).resolve().is_relative_to(folder) for folder in _trusted()):
        raise PluginError(
            f"the plug-in {known.name} lies in {file}, in none of the folders for plug-ins; a "
            f"plug-in is a program: if you trust it, set {TRUSTED}={Path(file).parent}"
        )
    return replace(known, file=file)


def _trusted() -> list[Path]:
    """Return the folders from which a preset may load plug-ins."""
    from fxchain.player.external_plugin import PLUGIN_FOLDERS

    own = [folder for folder in os.environ.get(TRUSTED, "").split(os.pathsep) if folder]
    return [Path(folder).expanduser().resolve() for folder in (*PLUGIN_FOLDERS, *own)]
