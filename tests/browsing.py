"""What tests in a browser share: Debian's Chromium, driven by Playwright."""

import os
import shutil
from dataclasses import dataclass, field

#: Names under which Chromium is installed.
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def chromium():
    """Return the path of the installed Chromium, None where there is none."""
    named = os.environ.get("FXCHAIN_CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else PROGRAMS))
    return next((path for path in found if path), None)


def options(program):
    """Return how Playwright starts it; root may not use its sandbox."""
    sandbox = [] if hasattr(os, "geteuid") and os.geteuid() else ["--no-sandbox"]
    return {"executable_path": program, "args": [*sandbox, "--mute-audio"]}


@dataclass
class Complaints:
    """What a page writes to its console as a warning or an error, throws, or fails to load."""

    found: list = field(default_factory=list)

    def watch(self, page):
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"thrown: {error}"))
        page.on("requestfailed", lambda request: self.found.append(f"not loaded: {request.url}"))

    def _console(self, message):
        if message.type in ("error", "warning"):
            self.found.append(f"{message.type}: {message.text}")


def serious_problems(page):
    """Return what axe-core finds on a page that is serious or critical, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:120]}"
        for one in violations
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
