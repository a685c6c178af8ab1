"""The pictures of the report and the studio in the documentation, of the project's own demo pair.

python benchmarks/screenshots.py [--iterations 200] [--out docs/images] [--chromium FILE]

Needs Chromium and the packages of the extras dev and studio.
"""

import argparse
import shutil
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from fxchain import match
from fxchain.cli.demo import SAMPLE_RATE, hide
from fxchain.files.audio_output import write_audio
from fxchain.studio.config import StudioConfig, bind
from fxchain.studio.jobs import Job, JobFolder, Request, State, Status
from fxchain.studio.worker import ProgressFile

WIDTH = 1180
#: A part of the report is cut below this height, pixels.
HIGHEST = 700


def main() -> None:
    """Match the demo's pair and take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        job = _matched(Path(folder), options.iterations)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=options.chromium, args=["--no-sandbox"]
            )
            _take_report(browser, job, options.out / "report.png")
            _take_studio(browser, job, options.out / "studio.png")
            browser.close()


def _matched(folder: Path, iterations: int) -> Job:
    """Return a finished job of the demo's pair."""
    dry, _, wet = hide(0)
    for name, audio in (("dry.wav", dry), ("wet.wav", wet)):
        write_audio(folder / name, audio, SAMPLE_RATE)
    jobs = JobFolder(folder / "jobs")
    asked = Request("dry.wav", "wet.wav", {"iterations": iterations})
    job = jobs.create(folder / "dry.wav", folder / "wet.wav", asked)
    found = match(
        job.recording("dry"),
        job.recording("wet"),
        iterations=iterations,
        progress=ProgressFile(job.folder / "progress.jsonl"),
    )
    found.write(job.result)
    job.write_status(Status(State.DONE))
    return job


def _page(browser: Browser, height: int) -> Page:
    return browser.new_page(
        viewport={"width": WIDTH, "height": height}, device_scale_factor=1, color_scheme="light"
    )


def _take_report(browser: Browser, job: Job, out: Path) -> None:
    """Take the head of the report with its players."""
    page = _page(browser, 1130)
    page.goto((job.result / "report.html").as_uri())
    page.locator("input[value=matched]").check()
    page.locator(".seek").first.fill("3.2")
    page.screenshot(path=out)
    print(out)
    for part, locator in (
        ("spectrum", page.locator("#listen h3 + figure")),
        ("chain", page.locator("#chain")),
    ):
        taken = out.with_name(f"{out.stem}-{part}.png")
        box = locator.bounding_box()
        assert box is not None
        top = box["y"] + float(page.evaluate("scrollY"))
        clip = {**box, "y": top, "height": min(box["height"], HIGHEST)}
        page.screenshot(path=taken, full_page=True, clip=clip)  # type: ignore[arg-type]
        print(taken)


def _take_studio(browser: Browser, job: Job, out: Path) -> None:
    """Take the studio with the finished job."""
    from fxchain.studio.server import serving

    place = StudioConfig(job.folder.parent, port=0)
    with bind(place) as listening, serving(place) as server:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        page = _page(browser, 1130)
        page.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        page.locator("#result iframe").wait_for()
        page.locator("#knobs .fx-knob:visible").first.wait_for()
        time.sleep(2.0)  # pictures inside the report appear
        page.screenshot(path=out)
        page.close()
        server.should_exit = True
        thread.join()
    print(out)


if __name__ == "__main__":
    main()
