"""The kinds of effects that may stand behind a voice."""

from fxchain.preset.effects import effects_of
from fxchain.primitives import Primitive


def kinds_of(chain: str) -> tuple[Primitive, ...]:
    """Return the kinds of effects in a chain, without levels.

    Args:
        chain: its name or file, as of a match

    Raises:
        MatchError, PresetError: there is no such chain.
    """
    from fxchain.matching.options import MatchOptions

    template = MatchOptions(chain=chain, measured_response=False).template()
    placed = effects_of(template.stage, template.values)
    kinds = {each.effect.primitive.kind: each.effect.primitive for each in placed}
    return tuple(each for each in kinds.values() if each.purpose != "level")
