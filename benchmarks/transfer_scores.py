"""The metrics and baselines of `transfer.py`.

The metrics are those of DeepAFx-ST, their settings as in its repository (deepafx_st/metrics.py),
levels in dB: MR-STFT with the defaults of auraloss, the mel-spectral distance (one window of 65,536
samples, 128 bands, linear plus logarithmic), the error of the mean spectral centroid, of the root
mean square and of the loudness.
"""

import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path

import auraloss
import matchering
import numpy as np
import scipy.signal
import soundfile
import torch
from transfer_cases import Case

from fxchain.files.audio_input import Audio, from_array, read_audio, resample, to_channels
from fxchain.matching.search.schedule import fit
from fxchain.metrics.loudness import loudness_difference
from fxchain.metrics.scores import mr_stft
from fxchain.objectives.long_term_spectrum import smoothed_spectrum
from fxchain.optim.budget import Budget
from fxchain.preset import Preset
from fxchain.recordings.problem import Problem
from fxchain.render import render
from fxchain.transferring.style_chain import style_chain

METRICS = ("mr_stft", "mel", "centroid_hz", "rms_db", "lufs_db")
#: Mel bands and window of the mel-spectral distance.
MEL_WINDOW, MEL_BANDS = 65_536, 128
CENTROID_WINDOW, CENTROID_HOP = 2_048, 512
#: Taps of the filter that matches smoothed spectra, and its largest gain, dB.
FIR_TAPS, FIR_MOST_DB = 2_047, 30.0

Scores = dict[str, float]


def scores(truth: np.ndarray, estimate: np.ndarray, sample_rate: int) -> Scores:
    """Return every metric of an estimate, (1, samples) both."""
    levels = [10.0 * np.log10(float(np.mean(each**2)) + 1e-20) for each in (truth, estimate)]
    centroids = [_centroid_hz(each, sample_rate) for each in (truth, estimate)]
    return {
        "mr_stft": mr_stft(truth, estimate, sample_rate),
        "mel": _mel_distance(truth, estimate, sample_rate),
        "centroid_hz": abs(centroids[1] - centroids[0]),
        "rms_db": abs(levels[1] - levels[0]),
        "lufs_db": abs(loudness_difference(truth, estimate, sample_rate)),
    }


def baselines(case: Case) -> Mapping[str, np.ndarray]:
    """Return the output of each baseline for the raw clip, (1, samples)."""
    rate = case.raw.sample_rate
    reference = resample(case.reference, rate).samples
    return {
        "unprocessed": case.raw.samples,
        "level only": levelled(case.raw.samples, reference, rate),
        "spectrum": spectrum_matched(case.raw.samples, reference, rate),
        "matchering": mastered(case.raw, case.reference),
    }


def levelled(raw: np.ndarray, reference: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the raw clip with the loudness of the reference."""
    gain_db = loudness_difference(raw, reference, sample_rate)
    return np.asarray(raw * np.float32(10.0 ** (gain_db / 20.0)))


def spectrum_matched(raw: np.ndarray, reference: np.ndarray, sample_rate: int) -> np.ndarray:
    """Return the raw clip with the smoothed spectrum and the loudness of the reference."""
    frequencies, target = smoothed_spectrum(reference, sample_rate)
    _, found = smoothed_spectrum(raw, sample_rate)
    most = 10.0 ** (FIR_MOST_DB / 20.0)
    gains = np.clip(np.sqrt((target + 1e-14) / (found + 1e-14)), 1.0 / most, most)
    taps = scipy.signal.firwin2(FIR_TAPS, frequencies, gains, fs=sample_rate)
    filtered = scipy.signal.fftconvolve(raw[0], taps)[FIR_TAPS // 2 :][: raw.shape[1]]
    return levelled(filtered[None].astype(np.float32), reference, sample_rate)


def mastered(raw: Audio, reference: Audio) -> np.ndarray:
    """Return the output of matchering for the raw clip, without its limiter.

    matchering normalizes the reference to full scale; the result is scaled back by the same gain,
    as its own limited result is.
    """
    threshold = matchering.Config().threshold
    lowered = min(1.0, float(np.abs(reference.samples).max()) / threshold)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        paths = [str(Path(folder) / name) for name in ("raw.wav", "reference.wav", "result.wav")]
        for path, audio in zip(paths, (raw, reference), strict=False):
            stereo = to_channels(audio, 2)
            soundfile.write(path, stereo.samples.T, audio.sample_rate, subtype="FLOAT")
        output = matchering.Result(paths[2], "FLOAT", use_limiter=False, normalize=False)
        matchering.process(target=paths[0], reference=paths[1], results=[output])
        result = resample(to_channels(read_audio(paths[2]), 1), raw.sample_rate).samples
    missing = max(0, raw.length - result.shape[1])
    return np.pad(lowered * result, ((0, 0), (0, missing)))[:, : raw.length]


def ceiling(case: Case, seconds: float) -> np.ndarray:
    """Return the output of the transfer's own chain when fitted to the truth."""
    rate = case.raw.sample_rate
    problem = Problem(case.raw.samples, case.truth.samples, 0, rate, 1)
    found = fit(problem, style_chain(1), Budget(seconds=seconds), seed=0)
    return render(Preset(found.stage, found.values, rate), case.raw.samples, rate)


def _mel_distance(truth: np.ndarray, estimate: np.ndarray, sample_rate: int) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # librosa: bands narrower than a bin
        distance = auraloss.freq.MelSTFTLoss(
            sample_rate,
            fft_size=MEL_WINDOW,
            hop_size=MEL_WINDOW,
            win_length=MEL_WINDOW,
            w_sc=0,
            w_log_mag=1,
            w_lin_mag=1,
            n_mels=MEL_BANDS,
            scale_invariance=False,
        )
    short = max(0, MEL_WINDOW - truth.shape[1])
    first, second = (
        torch.from_numpy(np.pad(from_array(each, sample_rate).samples, ((0, 0), (0, short))))[None]
        for each in (estimate, truth)
    )
    return float(distance(first, second))


def _centroid_hz(audio: np.ndarray, sample_rate: int) -> float:
    """Return the spectral centroid of the magnitudes, mean over time, Hz."""
    frequencies, _, spectra = scipy.signal.stft(
        audio[0], sample_rate, nperseg=CENTROID_WINDOW, noverlap=CENTROID_WINDOW - CENTROID_HOP
    )
    magnitudes = np.abs(spectra) + 1e-16
    return float(np.mean((frequencies @ magnitudes) / magnitudes.sum(0)))
