"""A device with knobs, recorded at several positions: one chain whose values follow the knobs."""
