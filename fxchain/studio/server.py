"""The studio as a server: Gradio's page, and the files of the jobs."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from fxchain.errors import OutputError
from fxchain.report.page import asset
from fxchain.studio.jobs import JobFolder
from fxchain.studio.runner import Runner
from fxchain.studio.uploads import Limits
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


@dataclass(frozen=True)
class Place:
    """Where the studio is, and what it takes.

    Attributes:
        folder: of the jobs
        host: the address it listens on
        port: 0 for any that is free
        limits: of uploads
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 7860
    limits: Limits = field(default_factory=Limits)


@contextmanager
def serving(place: Place) -> Iterator[tuple[uvicorn.Server, socket.socket]]:
    """Yield a server and its socket, bound already; jobs are stopped when the block ends.

    Raises:
        OutputError: the folder cannot be written, or the address cannot be listened on.
    """
    listening = _bound(place)
    try:
        jobs = JobFolder(place.folder)
    except OSError as error:
        raise OutputError(f"{place.folder}: cannot be used ({error.strerror})") from error
    os.environ["GRADIO_TEMP_DIR"] = str((place.folder / ".uploads").resolve())
    runner = Runner(jobs)
    try:
        app = make_app(jobs, runner, place)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        yield uvicorn.Server(config), listening
    finally:
        runner.close()
        listening.close()


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


def _bound(place: Place) -> socket.socket:
    family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((place.host, place.port))
    except (OSError, OverflowError) as error:
        listening.close()
        reason = getattr(error, "strerror", None) or str(error)
        raise OutputError(
            f"the studio cannot listen on {place.host} port {place.port} ({reason}); "
            "choose another with --port"
        ) from error
    return listening
