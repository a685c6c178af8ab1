"""What slopes can be computed on."""

import re

import torch

from fxchain.errors import MatchError


def check_device(name: str) -> None:
    """Refuse what is no device, or none that is here.

    Args:
        name: cpu, cuda, or cuda:N for one of several GPUs

    Raises:
        MatchError: saying what there is.
    """
    if name == "cpu":
        return
    found = re.fullmatch(r"cuda(?::(\d{1,4}))?", name)
    if found is None:
        raise MatchError(f"--device {name}: give cpu, cuda, or cuda:N for one of several GPUs")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not count:
        why = "" if torch.version.cuda else ", and was built without support for any"
        raise MatchError(
            f"--device {name}: torch {torch.__version__} finds no GPU here{why}; leave the option "
            "out or give cpu"
        )
    if int(found.group(1) or 0) >= count:
        raise MatchError(f"--device {name}: there are only {count} GPUs here, counted from cuda:0")
