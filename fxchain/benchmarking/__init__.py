"""fxchain beside the networks guitarists train, on the same pairs in the same time."""
