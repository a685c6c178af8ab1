"""Whether a plug-in that stays loaded remembers what was played before."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from fxchain.hosting.likeness import same

Settings = Sequence[Mapping[str, float]]

#: So often it is loaded, and plays all settings in an order of its own and backwards.
LOADED = 3


def forgets(
    settings: Settings,
    load: Callable[[], None],
    play_on: Callable[[Settings], list[np.ndarray]],
    play_alone: Callable[[Settings], list[np.ndarray]],
) -> bool:
    """Tell whether each setting sounds as where the plug-in is loaded for it alone.

    Some plug-ins are not alike each time they are loaded: settings in which this is heard say
    nothing of memory, and must be the fewer. All others must sound the same behind any that was
    played before, each time that it is loaded; what remembers now and then is not trusted.

    Args:
        settings: some, apart from each other
        load: loads the plug-in anew
        play_on: plays one setting after the other with what is loaded
        play_alone: loads it anew for each
    """
    alone, again = play_alone(settings), play_alone(settings)
    alike = [same(*each) for each in zip(alone, again, strict=True)]
    if sum(alike) <= len(alike) / 2:
        return False
    rng = np.random.default_rng(2)
    for _ in range(LOADED):
        load()
        order = rng.permutation(len(settings))
        for places in (order, order[::-1]):
            played = play_on([settings[at] for at in places])
            pairs = zip(places, played, strict=True)
            if not all(same(alone[at], each) for at, each in pairs if alike[at]):
                return False
    return True
