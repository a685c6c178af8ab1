"""The kinds of effects that are searched behind a voice."""

from fxchain.errors import MatchError
from fxchain.preset.effects import effects_of
from fxchain.primitives import Primitive


def kinds_of(chain: str) -> tuple[Primitive, ...]:
    """Return the kinds of the effects in a chain, without levels, each as often as it is there.

    Raises:
        MatchError, PresetError: there is no such chain, or an effect in it is no knobs alone.
    """
    from fxchain.matching.options import MatchOptions

    template = MatchOptions(chain=chain, measured_response=False).template()
    kinds = [each.effect.primitive for each in effects_of(template.stage, template.values)]
    for each in kinds:
        if each.assets:
            raise MatchError(
                f"{chain}: {each.kind} is more than its knobs and cannot be searched behind a "
                "voice; leave it out of the chain"
            )
    return tuple(each for each in kinds if each.purpose != "level")
