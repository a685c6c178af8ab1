"""A preset as a file of Neural Amp Modeler (.nam), where that is exact.

A drive of filtered branches is one WaveNet, of one channel and a bottleneck of a channel for each
branch: the convolution of a layer is the filters before the curves, that of its head the filters
behind them. Each kind of curve takes a layer of its own, in which the branches of other kinds are
silent; a branch without a curve is a leaky rectifier of slope 1. Drives in series are a Sequential.

A filter alone is a WaveNet too, not a Linear: Neural Amp Modeler's trainer reads the weights of a
Linear from the last tap to the first, its plug-in from the first to the last.

Source:
    the specification of .nam files, version 0.7.0, and `neural-amp-modeler` 0.13, which plays them
"""

import json
import math
from typing import Any

import numpy as np

from fxchain.errors import ExportError
from fxchain.export.filtered_drives import Branch, Drive, DriveReader, filtered
from fxchain.player import Routing
from fxchain.stage import Stage

VERSION = "0.7.0"
#: The longest response, s: players convolve sample by sample.
LONGEST_SECONDS = 2.0

_FORM = "a .nam file"
#: The activation of each function of a `StaticCurve`, and of a branch without one.
_ACTIVATIONS: dict[str | None, dict[str, Any]] = {
    "tanh": {"type": "Tanh"},
    "clamp": {"type": "Hardtanh", "min_val": -1.0, "max_val": 1.0},
    None: {"type": "LeakyReLU", "negative_slope": 1.0},
}
#: What a layer may have besides, and these do not.
_FILMS = (
    "conv_pre_film",
    "conv_post_film",
    "input_mixin_pre_film",
    "input_mixin_post_film",
    "activation_pre_film",
    "activation_post_film",
    "layer1x1_post_film",
    "head1x1_post_film",
)

Model = dict[str, Any]


def write_nam(
    stage: Stage,
    values: np.ndarray,
    routed: Routing | None = None,
    sample_rate: int = 44_100,
    title: str = "A chain of effects",
) -> str:
    """Return the file, for one channel at the sample rate of the preset.

    Args:
        stage: the structure
        values: (stage.size,) physical values
        routed: how channels go into it and come out of it
        sample_rate: Hz, of the preset
        title: the name of the model

    Raises:
        ExportError: a stage is neither a filter nor a static curve, rings too long, or channels
            are routed.
    """
    drives = stage.visit(DriveReader(sample_rate, LONGEST_SECONDS, _FORM), values)
    if routed is not None:
        drives = filtered(drives, *_levels(routed))
    models = [_wavenet(drive, sample_rate) for drive in drives]
    whole = models[0]
    if len(models) > 1:
        whole = _model("Sequential", {"models": models}, [], sample_rate)
    whole["metadata"] = {"name": title, "modeled_by": "fxchain"}
    return json.dumps(whole, allow_nan=False) + "\n"


def _levels(routed: Routing) -> tuple[float, np.ndarray]:
    """Return the factor before the chain, and the taps behind it, that a routing is."""
    if routed.levels is not None:
        return routed.levels[0], np.array(routed.levels[1:])
    shapes = len(routed.inputs), len(routed.inputs[0]), len(routed.outputs)
    if shapes != (1, 1, 1) or any(routed.constants):
        raise ExportError(
            f"the routing of the channels cannot be written as {_FORM}, which plays one channel "
            "and takes no constant out; export another format"
        )
    taps = np.zeros(routed.delays_samples[0] + 1)
    taps[-1] = routed.outputs[0][0]
    return routed.inputs[0][0], taps


def _wavenet(drive: Drive, sample_rate: int) -> Model:
    """Return a sum of branches."""
    functions = list(dict.fromkeys(_function(branch) for branch in drive))
    kernels = [
        max(len(branch.before) for branch in drive if _function(branch) == function)
        for function in functions
    ]
    head = max(len(branch.behind) for branch in drive)
    count, layers = len(drive), len(functions)
    array = {
        "input_size": 1,
        "condition_size": 1,
        "head": {"out_channels": 1, "kernel_size": head, "bias": True},
        "channels": 1,
        "kernel_sizes": kernels,
        "dilations": [1] * layers,
        "activation": [_ACTIVATIONS[function] for function in functions],
        "bottleneck": count,
        "head1x1": {"active": False, "out_channels": 1, "groups": 1},
        "layer1x1": {"active": True, "groups": 1},
        "groups_input": 1,
        "groups_input_mixin": 1,
        **{name: {"active": False, "shift": True, "groups": 1} for name in _FILMS},
        "gating_mode": ["none"] * layers,
        "secondary_activation": [None] * layers,
        "slimmable": None,
    }
    weights = [np.ones(1)]  # into the only channel
    for function, kernel in zip(functions, kernels, strict=True):
        weights += _layer(drive, function, kernel)
    weights += [_reversed(branch.behind * _factor(branch), head) for branch in drive]
    weights += [np.array([-sum(_at_rest(branch) for branch in drive), 1.0])]  # and the scale
    config = {"layers": [array], "head": None, "head_scale": 1.0}
    return _model("WaveNet", config, _shortest(np.concatenate(weights)), sample_rate)


def _layer(drive: Drive, function: str | None, kernel: int) -> list[np.ndarray]:
    """Return the weights of a layer, in which the branches of other functions are silent."""
    own = [_function(branch) == function for branch in drive]
    rows = [
        _reversed(branch.before * _gain(branch), kernel) if heard else np.zeros(kernel)
        for branch, heard in zip(drive, own, strict=True)
    ]
    offsets = [_offset(branch) if heard else 0.0 for branch, heard in zip(drive, own, strict=True)]
    mixer, onward = np.zeros(len(drive)), np.zeros(len(drive) + 1)  # the layer behind hears the dry
    return [*rows, np.array(offsets), mixer, onward]


def _model(architecture: str, config: Model, weights: list[float], sample_rate: int) -> Model:
    return {
        "version": VERSION,
        "architecture": architecture,
        "config": config,
        "weights": weights,
        "sample_rate": sample_rate,
    }


def _function(branch: Branch) -> str | None:
    return None if branch.curve is None else branch.curve.function


def _gain(branch: Branch) -> float:
    return 1.0 if branch.curve is None else branch.curve.gain


def _offset(branch: Branch) -> float:
    return 0.0 if branch.curve is None else branch.curve.offset


def _factor(branch: Branch) -> float:
    return 1.0 if branch.curve is None else branch.curve.factor


def _at_rest(branch: Branch) -> float:
    """Return what comes out of a branch of a model where nothing comes in."""
    offset = _offset(branch)
    rest = math.tanh(offset) if _function(branch) == "tanh" else min(max(offset, -1.0), 1.0)
    return _factor(branch) * rest * float(np.sum(branch.behind))


def _reversed(taps: np.ndarray, length: int) -> np.ndarray:
    """Return taps from the last to the first, as a convolution has them, filled up to a length."""
    return np.pad(taps, (0, length - len(taps)))[::-1]


def _shortest(weights: np.ndarray) -> list[float]:
    """Return weights in single precision, as the shortest decimals that give them."""
    return [float(str(each)) for each in weights.astype(np.float32)]
