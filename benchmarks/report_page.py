"""The size of a report, and how long Chromium takes to open it.

python benchmarks/report_page.py [--seconds 10] [--runs 5] [--chromium FILE]

Needs Chromium and the packages of the extra dev. The chain is matched in a few steps, since
its quality hardly changes the page.
"""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from fxchain import match
from fxchain.data.signals import plucked_strings

SAMPLE_RATE = 44_100
#: Goals: size of the file, MB, and time until it is loaded, s.
GOAL_MEGABYTES, GOAL_SECONDS = 5.0, 2.0
_LOADED = """() => {
  const [timing] = performance.getEntriesByType("navigation");
  return (timing.loadEventEnd - timing.startTime) / 1000;
}"""


def main() -> None:
    """Print size and times."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    dry = plucked_strings(options.seconds, SAMPLE_RATE)
    found = match(dry, 0.5 * dry.clip(-0.2, 0.2), SAMPLE_RATE, iterations=10)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        found.write(Path(folder) / "out")
        page = Path(folder) / "out" / "report.html"
        print(f"a pair of {options.seconds:g} s at {SAMPLE_RATE} Hz, mono")
        print(f"size: {page.stat().st_size / 1e6:.2f} MB (goal {GOAL_MEGABYTES:g})")
        times = []
        for _ in range(options.runs):
            browser = playwright.chromium.launch(
                executable_path=options.chromium, args=["--no-sandbox"]
            )
            opened = browser.new_page()
            opened.goto(page.as_uri(), wait_until="load")
            opened.wait_for_timeout(100)
            times.append(float(opened.evaluate(_LOADED)))
            browser.close()
    print(
        f"opening in Chromium, {options.runs} runs: median {statistics.median(times):.2f} s, "
        f"slowest {max(times):.2f} s (goal {GOAL_SECONDS:g})"
    )


if __name__ == "__main__":
    main()
