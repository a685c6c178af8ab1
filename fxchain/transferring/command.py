"""The command that repeats a transfer."""

from collections.abc import Sequence

from fxchain.matching.command import name_of, typed
from fxchain.transferring.chains import STYLE
from fxchain.transferring.dimensions import DIMENSIONS
from fxchain.transferring.wishes import TransferWishes


def repeating(files: Sequence[str], wishes: TransferWishes) -> str:
    """Return the command line that does the same once more, in the folder of the recordings.

    Args:
        files: names of the input and of the references
        wishes: what was asked for
    """
    words = ["fxchain", "transfer", *files, "--out", "again"]
    if wishes.preset is not None:
        words += ["--from", name_of(wishes.preset, "preset.json")]
    if wishes.amount != TransferWishes.amount:
        words += ["--amount", f"{wishes.amount:g}"]
    if wishes.dimensions != DIMENSIONS:
        words += ["--match", ",".join(wishes.dimensions)]
    if wishes.preset is None:
        words += _searching(wishes)
    if wishes.threads != TransferWishes.threads:
        words += ["--threads", str(wishes.threads)]
    return typed(words, files)


def _searching(wishes: TransferWishes) -> list[str]:
    """Return what belongs to a search."""
    words = []
    if str(wishes.chain) != STYLE:
        words += ["--chain", name_of(wishes.chain, "")]
    if wishes.iterations is not None:
        words += ["--iterations", str(wishes.iterations)]
    else:
        words += ["--seconds", f"{wishes.seconds:g}"]
    if wishes.seed:
        words += ["--seed", str(wishes.seed)]
    return words
