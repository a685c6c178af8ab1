"""What a report offers for playing its chain live in a browser."""

import base64
from dataclasses import dataclass

from fxchain.errors import ExportError
from fxchain.native import is_installed, kept_player
from fxchain.preset import Preset
from fxchain.preset.live_page import live_page

#: The largest page that lies in a report, bytes.
MOST_BYTES = 1_000_000
_COMMAND = "fxchain export preset.json --format web --out live.html"


@dataclass(frozen=True)
class LivePlayer:
    """A page that plays the chain, or how to get one.

    Attributes:
        page: base64 of the page, empty where there is none
        command: that makes one, empty where there is no need or no way
        sentence: for people
    """

    sentence: str
    command: str = ""
    page: str = ""


def live_player(preset: Preset, title: str) -> LivePlayer:
    """Return the page where it can be made without a compiler, else how to make it.

    Args:
        preset: the chain
        title: untrusted text
    """
    if not is_installed() and kept_player() is None:
        return LivePlayer(
            "To play the chain live in a browser, with knobs that turn in real time, install the "
            "extra plugins (pip install 'fxchain[plugins]'), then run:",
            _COMMAND,
        )
    by_command = LivePlayer(
        "To play the chain live in a browser, with knobs that turn in real time, run:", _COMMAND
    )
    if kept_player() is None:
        return by_command
    try:
        page = live_page(preset, title).encode("utf-8", "replace")
    except ExportError as error:
        return LivePlayer(f"The chain is not played live in a browser: {error}.")
    if len(page) > MOST_BYTES:
        return by_command
    return LivePlayer(
        "To play the chain live in a browser, with knobs that turn in real time, save this page "
        "and open it:",
        page=base64.b64encode(page).decode(),
    )
