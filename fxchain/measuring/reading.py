"""A measurement from its folder."""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from fxchain.errors import AudioError, MatchError
from fxchain.files.audio_input import read_audio
from fxchain.measuring.background import Background, Hum
from fxchain.measuring.document import FORMAT, VERSION
from fxchain.measuring.files import JSON_FILE, RESPONSE_FILE
from fxchain.measuring.measurement import BEFORE_DIRECT_SOUND, Level, Measurement
from fxchain.measuring.responses import HIGHEST_ORDER
from fxchain.measuring.sweep import LEVELS_DBFS, SweepSignal

_ORDERS = {str(order) for order in range(2, HIGHEST_ORDER + 1)}
_Unknown = Annotated[float | None, Field(allow_inf_nan=False)]


class _Part(BaseModel):
    """A part of the file; what only people read in it is not looked at."""

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False)


class _Hum(_Part):
    frequency_hz: float
    levels_dbfs: dict[str, float]

    def read(self) -> Hum:
        return Hum(self.frequency_hz, {int(order): it for order, it in self.levels_dbfs.items()})


class _Band(_Part):
    hz: float
    dbfs: float


class _Background(_Part):
    seconds: float
    noise_dbfs: float | None
    constant: float
    hum: _Hum | None
    third_octaves: list[_Band]

    def read(self) -> Background:
        noise_dbfs = -math.inf if self.noise_dbfs is None else self.noise_dbfs
        bands = tuple((band.hz, band.dbfs) for band in self.third_octaves)
        hum = None if self.hum is None else self.hum.read()
        return Background(self.seconds, noise_dbfs, self.constant, hum, bands)


class _Level(_Part):
    input_dbfs: float
    gain_db: list[float]
    harmonics_db: dict[str, list[_Unknown]]
    noise_db: list[float]

    def read(self) -> Level:
        harmonics = {int(order): _curve(it) for order, it in self.harmonics_db.items()}
        return Level(self.input_dbfs, _curve(self.gain_db), harmonics, _curve(self.noise_db))

    @property
    def curves(self) -> list[Sequence[float | None]]:
        return [self.gain_db, self.noise_db, *self.harmonics_db.values()]


class _Document(_Part):
    recording: str
    sample_rate: int
    sweep_seconds: int
    latency_samples: float
    polarity: Literal["+", "-"]
    drift_ppm: float
    background: _Background
    frequencies_hz: Annotated[list[float], Field(min_length=2)]
    levels: list[_Level]
    notes: list[str]

    @model_validator(mode="after")
    def _whole(self) -> "_Document":
        """Refuse curves of other lengths, and other levels or orders than are measured."""
        levels = tuple(level.input_dbfs for level in self.levels)
        orders = all(set(level.harmonics_db) == _ORDERS for level in self.levels)
        lengths = {len(curve) for level in self.levels for curve in level.curves}
        if levels != LEVELS_DBFS or not orders or lengths != {len(self.frequencies_hz)}:
            raise ValueError("a curve or a level is missing")
        return self


def read_measurement(folder: str | Path) -> Measurement:
    """Read what `fxchain measure RECORDED --out DIR` wrote.

    Args:
        folder: with `measurement.json` and `linear-response.wav`

    Returns:
        the measurement, its curves rounded as in the file

    Raises:
        MatchError: the folder is none, was written by another version, or is damaged.
    """
    place = Path(folder)
    document = _document(place)
    signal = SweepSignal(document.sample_rate, document.sweep_seconds)
    return Measurement(
        document.recording,
        signal,
        document.latency_samples,
        1 if document.polarity == "+" else -1,
        document.drift_ppm,
        document.background.read(),
        np.array(document.frequencies_hz),
        tuple(level.read() for level in document.levels),
        _response(place, signal),
        tuple(document.notes),
    )


def _document(folder: Path) -> _Document:
    file = folder / JSON_FILE
    try:
        node = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        node = None
    if not isinstance(node, Mapping) or node.get("format") != FORMAT:
        raise MatchError(
            f"{folder}: no measurement; give the folder that fxchain measure RECORDED --out wrote"
        )
    if node.get("version") != VERSION:
        raise MatchError(f"{file}: written by another version of fxchain; measure again")
    try:
        return _Document.model_validate_json(json.dumps(node))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "levels"
        raise MatchError(f"{file}: {where}: {first['msg'].lower()}; measure again") from None


def _response(folder: Path, signal: SweepSignal) -> np.ndarray:
    """Return the linear response, (samples,)."""
    file = folder / RESPONSE_FILE
    try:
        audio = read_audio(file)
    except AudioError as error:
        raise MatchError(f"{error}; measure again") from error
    one = audio.channels == 1 and audio.sample_rate == signal.sample_rate
    if not one or audio.samples.shape[1] <= BEFORE_DIRECT_SOUND or not np.any(audio.samples):
        raise MatchError(f"{file}: not the response of this measurement; measure again")
    return audio.samples[0].astype(np.float64)


def _curve(values: Sequence[float | None]) -> np.ndarray:
    return np.array([math.nan if each is None else each for each in values])
