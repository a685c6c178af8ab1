"""What was found of a plug-in is kept: trying it takes seconds, and finds the same again."""

import hashlib
import json
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from pathlib import Path

from fxchain.files.kept_files import cache_folder, keep_file
from fxchain.hosting.description import PluginDescription
from fxchain.hosting.probing import probed
from fxchain.player import external_plugin


def probed_once(known: PluginDescription, sample_rate: float) -> PluginDescription:
    """Return what `probed` returns, which is kept in the user's folder for caches.

    The file's name is a hash of what the plug-in states, its own hash and state included, of the
    sample rate, and of the programs that try it.

    Args:
        known: what it states
        sample_rate: Hz

    Raises:
        PluginError: it hangs or crashes; nothing is kept.
    """
    stated = json.dumps([replace(known, file="").node(), sample_rate, _programs()])
    name = f"plugin-{hashlib.sha256(stated.encode()).hexdigest()[:32]}.json"
    place = cache_folder() / name
    try:
        found = PluginDescription.from_node(json.loads(place.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError):
        found = probed(known, sample_rate)
        keep_file(place, json.dumps(found.node()).encode())
    return replace(found, file=known.file)


@cache
def _programs() -> str:
    """Return a hash of the programs that try plug-ins, with the version of pedalboard."""
    files = [*sorted(Path(__file__).parent.glob("*.py")), Path(external_plugin.__file__)]
    digest = hashlib.sha256(version("pedalboard").encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
