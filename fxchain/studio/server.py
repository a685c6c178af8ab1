"""The studio as a server: Gradio's page, and the files of the jobs."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources

from fxchain.errors import OutputError
from fxchain.report.document import asset
from fxchain.studio.config import StudioConfig
from fxchain.studio.jobs import JobFolder
from fxchain.studio.live import POLICY, live_page_of
from fxchain.studio.runner import Runner
from fxchain.studio.views import FILES

# gradio reads these when it is imported: no telemetry, no downloads.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import fastapi
import gradio as gr
import uvicorn
from fastapi.responses import FileResponse, HTMLResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from fxchain.studio.actions import Studio
from fxchain.studio.page import build

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_FONT = ["system-ui", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"]
_MONO = ["ui-monospace", "Menlo", "DejaVu Sans Mono", "monospace"]
#: Uploads beyond this multiple of the limit are cut off; those below it get an error message.
GRADIO_ALLOWS = 1.5
#: A report holds names from unknown files: its script runs in a sandbox without network
#: access; it may save the live page that lies in it.
_REPORT_HEADERS = {"Content-Security-Policy": "sandbox allow-scripts allow-downloads"}


@contextmanager
def serving(config: StudioConfig) -> Iterator[uvicorn.Server]:
    """Yield a server; the end of the block stops the running job, with its best chain as result.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        jobs = JobFolder(config.folder)
    except OSError as error:
        raise OutputError(f"{config.folder}: cannot be used ({error.strerror})") from error
    os.environ["GRADIO_TEMP_DIR"] = str((config.folder / ".uploads").resolve())
    runner = Runner(jobs)
    try:
        app = make_app(jobs, runner, config)
        server = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2)
        yield uvicorn.Server(server)
    finally:
        runner.close()


def make_app(jobs: JobFolder, runner: Runner, config: StudioConfig) -> fastapi.FastAPI:
    """Return the application that serves the page and the files of the jobs."""
    app = fastapi.FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    if config.host in _LOOPBACK:
        # Against DNS rebinding: other sites must not reach it under a host name of their own.
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost", "[::1]"])

    @app.get("/jobs/{name}/live")
    def play_live(name: str) -> HTMLResponse:
        job = jobs.find(name)
        if job is None or not (job.result / "preset.json").is_file():
            raise fastapi.HTTPException(404, "there is no such result")
        page = live_page_of(job)
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": POLICY}
        return HTMLResponse(page.html, 200 if page.plays else 503, headers)

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
    page = build(Studio(jobs, runner, config.limits))
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        max_file_size=round(GRADIO_ALLOWS * config.limits.megabytes * 1e6),
        allowed_paths=[str(config.folder.resolve())],
        footer_links=[],
        run_history=False,
        ssr_mode=False,
        enable_monitoring=False,
        theme=_theme(),
        head=f"<style>{asset('plots.css')}{style}</style>",  # gradio would rewrite css=
    )
    return app


def _theme() -> gr.themes.Base:
    """Return Gradio's default theme with system fonts and the contrast that WCAG AA asks for."""
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
