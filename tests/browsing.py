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
    """What a page writes to its console as an error, throws, or loads from elsewhere."""

    found: list = field(default_factory=list)
    expected: tuple[str, ...] = ()  # what contains one of these is none

    def watch(self, page):
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complain(f"thrown: {error}"))
        page.on("request", self._request)

    def complain(self, text):
        if not any(each in text for each in self.expected):
            self.found.append(text)

    def _console(self, message):
        if message.type == "error":
            self.complain(f"error: {message.text}")

    def _request(self, request):
        if not request.url.startswith(("file:", "data:", "blob:", "http://127.0.0.1:")):
            self.complain(f"from outside: {request.url}")


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
