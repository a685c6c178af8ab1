"""The effects behind a voice, found by the match of the dry voice to the recording."""

import importlib
import time

import numpy as np

from fxchain.optim.budget import Clock, Progress
from fxchain.preset.effects import effects_of
from fxchain.primitives import Primitive
from fxchain.session.result import Match
from fxchain.synth.options import SynthOptions


def prepare(chain: str) -> tuple[Primitive, ...]:
    """Load and compile the match, which takes seconds that are not the search's.

    Returns:
        the kinds of effects in the chain, without levels

    Raises:
        MatchError, PresetError: there is no such chain.
    """
    from fxchain.matching.options import MatchOptions
    from fxchain.stage.compilation import compile_stages

    template = MatchOptions(chain=chain, measured_response=False).template()
    importlib.import_module("fxchain.matching.search.schedule")
    compile_stages()
    placed = effects_of(template.stage, template.values)
    kinds = {each.effect.primitive.kind: each.effect.primitive for each in placed}
    return tuple(each for each in kinds.values() if each.purpose != "level")


def matched_effects(
    dry: np.ndarray,
    wet: np.ndarray,
    sample_rate: int,
    options: SynthOptions,
    share: float,
    progress: Progress | None = None,
    clock: Clock = time.monotonic,
) -> Match:
    """Return the match of what a voice plays to a recording.

    Args:
        dry: (samples,), the voice
        wet: (samples,), the recording
        sample_rate: Hz
        options: what was asked for; names the chain
        share: of the seconds or iterations
        progress: called after each step
        clock: returns seconds

    Raises:
        MatchError, PresetError: there is no such chain.
    """
    from fxchain.matching.match import match

    steps = None if options.iterations is None else max(round(share * options.iterations), 1)
    return match(
        dry.astype(np.float32),
        wet.astype(np.float32),
        sample_rate,
        seconds=share * (options.seconds or 60.0),
        iterations=steps,
        seed=options.seed,
        threads=options.threads,
        chain=options.chain or "default",
        measured_response=False,
        latency_samples=0.0,
        polarity=1,
        anyway=True,
        progress=progress,
        clock=clock,
    )
