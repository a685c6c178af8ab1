"""The studio as a server: Gradio's page, and the files of the jobs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from fxchain.errors import OutputError
from fxchain.report.document import asset
from fxchain.studio.jobs import JobFolder
from fxchain.studio.place import Place
from fxchain.studio.runner import Runner
from fxchain.studio.views import FILES

# Read when gradio is loaded: nothing is reported, nothing is fetched.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import fastapi
import gradio as gr
import uvicorn
from fastapi.responses import FileResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from fxchain.studio.actions import Studio
from fxchain.studio.page import build

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_FONT = ["system-ui", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"]
_MONO = ["ui-monospace", "Menlo", "DejaVu Sans Mono", "monospace"]
#: What is much too large is cut off while it comes in; what is a little too large is told so.
GRADIO_ALLOWS = 1.5
#: A report comes from a stranger's recordings: it may run its program, and reach nothing else.
_REPORT_HEADERS = {"Content-Security-Policy": "sandbox allow-scripts"}


@contextmanager
def serving(place: Place) -> Iterator[uvicorn.Server]:
    """Yield a server; the running job is stopped, keeping its best, when the block ends.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        jobs = JobFolder(place.folder)
    except OSError as error:
        raise OutputError(f"{place.folder}: cannot be used ({error.strerror})") from error
    os.environ["GRADIO_TEMP_DIR"] = str((place.folder / ".uploads").resolve())
    runner = Runner(jobs)
    try:
        app = make_app(jobs, runner, place)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        yield uvicorn.Server(config)
    finally:
        runner.close()


def make_app(jobs: JobFolder, runner: Runner, place: Place) -> fastapi.FastAPI:
    """Return the page and the files as one application."""
    app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if place.host in _LOOPBACK:
        # Another site's page must not reach it under a name of that site's own.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])

    @app.get("/jobs/{name}/{file}")
    def fetch(name: str, file: str) -> FileResponse:
        job = jobs.find(name)
        if job is None or file not in FILES or not (job.result / file).is_file():
            raise fastapi.HTTPException(404, "there is no such file")
        headers = {"X-Content-Type-Options": "nosniff"}
        if file == "report.html":
            return FileResponse(job.result / file, headers={**headers, **_REPORT_HEADERS})
        return FileResponse(job.result / file, filename=file, headers=headers)

    style = resources.files("fxchain.studio").joinpath("assets", "studio.css").read_text("utf-8")
    page = build(Studio(jobs, runner, place.limits))
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        max_file_size=round(GRADIO_ALLOWS * place.limits.megabytes * 1e6),
        allowed_paths=[str(place.folder.resolve())],
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        enable_monitoring=False,
        theme=_theme(),
        head=f"<style>{asset('plots.css')}{style}</style>",  # as it is: gradio would rewrite css
    )
    return app


def _theme() -> gr.themes.Base:
    """Return Gradio's own look with fonts of the machine and enough contrast to be read."""
    return gr.themes.Default(font=_FONT, font_mono=_MONO, primary_hue="orange").set(
        body_text_color_subdued="#55585f",
        body_text_color_subdued_dark="#b0b3ba",
        block_info_text_color="#55585f",
        block_info_text_color_dark="#b0b3ba",
        button_primary_background_fill="#a63c00",
        button_primary_background_fill_dark="#a63c00",
        button_primary_background_fill_hover="#8a3200",
        button_primary_background_fill_hover_dark="#8a3200",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        button_cancel_background_fill="#b3241c",
        button_cancel_background_fill_dark="#b3241c",
        button_cancel_background_fill_hover="#8f1c15",
        button_cancel_background_fill_hover_dark="#8f1c15",
        button_cancel_text_color="#ffffff",
        button_cancel_text_color_dark="#ffffff",
    )
