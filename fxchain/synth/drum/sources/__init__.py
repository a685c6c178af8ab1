"""Sources of drums, one file each: every module here that ends in a `SOURCE` is found."""

import importlib
import pkgutil

from fxchain.synth.drum.sources.base import DrumSource


def _found() -> dict[str, DrumSource]:
    names = sorted(each.name for each in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    sources = [module.SOURCE for module in modules if hasattr(module, "SOURCE")]
    return {source.kind: source for source in sources}


#: Every source by its kind.
DRUM_SOURCES: dict[str, DrumSource] = _found()

__all__ = ["DRUM_SOURCES", "DrumSource"]
