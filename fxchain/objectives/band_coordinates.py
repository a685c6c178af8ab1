"""The coordinates of the filters that have a frequency and a gain."""

from fxchain.objectives.mean_error import AnyObjective


def bands_of(objective: AnyObjective) -> list[list[int]]:
    """Return the coordinates of each filter that has a frequency and a gain, both free."""
    places: dict[str, list[int]] = {}
    for coordinate, slot in enumerate(objective.slots):
        places.setdefault(f"{slot.path}:{slot.kind}", []).append(coordinate)
    wanted = {"cutoff_frequency_hz", "gain_db"}
    return [
        group
        for group in places.values()
        if wanted <= {objective.slots[c].spec.name for c in group}
    ]
