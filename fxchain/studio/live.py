"""The chain of a finished job as a page whose knobs turn in real time."""

from dataclasses import dataclass

from fxchain.errors import FxchainError
from fxchain.preset import Preset
from fxchain.preset.live_page import live_page
from fxchain.studio import views
from fxchain.studio.jobs import Job

#: Its scripts, the player and the worklet lie in the page; nothing is loaded or sent.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval' data:; "
    "style-src 'unsafe-inline'; img-src data:; media-src blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class LivePage:
    """What a browser is answered.

    Attributes:
        html: the page, or one that says why there is none
        plays: it is the page
    """

    html: str
    plays: bool


def live_page_of(job: Job) -> LivePage:
    """Return the chain of a job as a page.

    The player is compiled where that was not done before, which takes seconds, the first time ever
    minutes.

    Args:
        job: one with a result
    """
    name = job.request.names[0]
    try:
        preset = Preset.load(job.result / "preset.json")
        return LivePage(live_page(preset, title=f"The chain of {name}"), plays=True)
    except FxchainError as error:
        return LivePage(views.refusal(" ".join(str(error).splitlines())), plays=False)
