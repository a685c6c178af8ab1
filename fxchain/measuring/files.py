"""The files of a measurement."""

from pathlib import Path

import numpy as np

from fxchain.files.atomic import publishing, write_text_atomic
from fxchain.files.audio_output import write_audio
from fxchain.measuring.document import document, to_json
from fxchain.measuring.measurement import Measurement
from fxchain.report.measurement_page import render_measurement

JSON_FILE, PAGE_FILE, RESPONSE_FILE = "measurement.json", "report.html", "linear-response.wav"


def write_measurement(
    found: Measurement, folder: str | Path, version: str, force: bool = False
) -> None:
    """Write `measurement.json`, `report.html` and `linear-response.wav`, all or none.

    Args:
        found: the measurement
        folder: where
        version: of fxchain, named on the page
        force: write into a folder that has files in it

    Raises:
        OutputError: the folder cannot be written, or has files in it and `force` is off.
    """
    response = found.linear_response.astype(np.float32)[None]
    with publishing(folder, force) as staging:
        write_text_atomic(staging / JSON_FILE, to_json(found))
        write_text_atomic(staging / PAGE_FILE, render_measurement(document(found), version))
        write_audio(staging / RESPONSE_FILE, response, found.signal.sample_rate)
