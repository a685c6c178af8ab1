"""The shape of a preset's JSON, one model for each kind of object in it."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from fxchain.hosting.description import Behaviour, Curve

Refuse = Callable[[str], Exception]

#: So many knobs fit on the page of the studio.
MOST_MACROS = 24
#: So many recordings may have rates and phases of their own in an effect that moves.
MOST_RECORDINGS = 1_000
#: Names a stage, whatever stands before it.
StageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Node(BaseModel):
    """An object that holds exactly the fields it names, in exactly their types."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True
    )


class PresetNode(Node):
    """The whole file."""

    format: Literal["fxchain-preset"]
    version: int
    sample_rate: int
    stage: dict[str, Any]
    routing: dict[str, Any] | None = None
    macros: list[Any] = Field(default_factory=list, max_length=MOST_MACROS)
    metadata: dict[str, Any] = Field(default_factory=dict)


class MoveNode(Node):
    """How a macro moves one control."""

    stage: StageId
    parameter: str
    curve: Literal["linear", "log", "spline"]
    positions: list[float]
    values: list[float]
    branch: int | None = None


class MacroNode(Node):
    """A knob that moves several controls."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")]
    low: float
    high: float
    value: float
    moves: list[MoveNode]
    unit: str = ""


class RoutingNode(Node):
    """How channels go into the chain and come out of it."""

    inputs: list[list[float]]
    outputs: list[list[float]]
    delays_samples: list[int]
    constants: list[float] = Field(default_factory=list)


class AssetNode(Node):
    """Samples that belong to a stage: `data` embedded, or a `file` beside the preset."""

    data: str | None = None
    channels: int | None = None
    sample_rate: int | None = None
    file: str | None = None
    sha256: str | None = None


class EffectNode(Node):
    """One effect."""

    primitive: str
    version: int | None = None
    parameters: dict[str, Any] | None = None
    assets: dict[str, Any] | None = None
    recordings: list[dict[str, float]] = Field(default_factory=list, max_length=MOST_RECORDINGS)
    id: StageId | None = None


class KnobNode(Node):
    """A parameter of a plug-in of another maker, see `fxchain.hosting.description.PluginKnob`."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    default: float
    curve: Curve
    choices: list[str]
    dead: bool
    stepped: bool
    affine: bool


class DescriptionNode(Node):
    """A plug-in of another maker, see `fxchain.hosting.description.PluginDescription`."""

    file: str
    name: str
    version: str
    maker: str
    category: str
    sha256: str
    state: str
    knobs: list[KnobNode]
    behaviour: Behaviour
    probed: bool
    repeats: bool
    moves: bool
    latency_samples: int
    settling_samples: int | None = None
    carries_over: bool = True


class PluginNode(Node):
    """A stage that is a plug-in of another maker: all that is known of it, or `PATH[:NAME]`."""

    plugin: dict[str, Any] | str
    parameters: dict[str, Any] | None = None
    id: StageId | None = None


class ChainNode(Node):
    """Stages in series."""

    chain: list[Any]
    id: StageId | None = None


class MixNode(Node):
    """Stages in parallel."""

    mix: list[dict[str, Any]]
    id: StageId | None = None


class ChannelsNode(Node):
    """Stages of which each plays one channel."""

    channels: list[Any]
    id: StageId | None = None


Model = TypeVar("Model", bound=Node)


def validate(model: type[Model], node: Any, refuse: Refuse, within: str = "") -> Model:
    """Return the node as its model.

    Args:
        model: what it should be
        node: parsed JSON
        refuse: makes the error out of one sentence about one field
        within: what stands before the name of the field in messages

    Raises:
        what `refuse` returns.
    """
    try:
        return model.model_validate(node)
    except ValidationError as error:
        raise refuse(_sentence(error, within)) from None


def _sentence(error: ValidationError, within: str) -> str:
    """Return the first complaint, for people."""
    first = error.errors(include_url=False)[0]
    field = ".".join([*filter(None, [within]), *map(str, first["loc"])])
    sentences = {
        "missing": f"{field} is missing",
        "extra_forbidden": f"the field {field!r} is unknown",
    }
    return sentences.get(first["type"], f"{field}: {first['msg'][:1].lower()}{first['msg'][1:]}")
