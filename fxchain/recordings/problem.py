"""What a fit may see of a pair of recordings."""

from dataclasses import dataclass

from fxchain.alignment.aligned_audio import AlignedAudio


@dataclass(frozen=True, eq=False)
class Problem(AlignedAudio):
    """The fitted part of an aligned pair, from the recordings' first sample.

    Attributes:
        sample_rate: Hz
        polarity: +1 or -1, the wet's against the dry's
        recording: number of the pair, of several that are matched together
        gain_free: the wet's level says nothing, so the chain's output is scaled to it
        latency_known: the latency was given, a fraction of a sample included; otherwise the fit
            may refine it
        torch_device: where gradients and Jacobians are computed
    """

    sample_rate: int
    polarity: int
    recording: int = 0
    gain_free: bool = False
    latency_known: bool = False
    torch_device: str = "cpu"
