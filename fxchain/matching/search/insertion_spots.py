"""The places of a chain where something may be inserted, and what it would add there."""

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from fxchain.objectives.excerpt import Excerpt
from fxchain.player import Playback
from fxchain.primitives import Primitive
from fxchain.stage.perturbations import Perturbations
from fxchain.structure.canonical_tree import Nodes, Split, Unit
from fxchain.structure.clean_branch import may_be_bypassed
from fxchain.structure.places import Place, is_filter, places, run_start
from fxchain.structure.proposal import start_units


@dataclass(frozen=True)
class Choices:
    """What may be inserted into a chain.

    Attributes:
        primitives: kinds of effects
        echo_seconds: times of echoes that were found
        units: effects at the values where a fit begins, beside those
    """

    primitives: tuple[Primitive, ...]
    echo_seconds: tuple[float, ...] = ()
    units: tuple[Unit, ...] = ()

    def of(self, filters: bool) -> tuple[Primitive, ...]:
        """Return those that are filters, or those that are not."""
        return tuple(each for each in self.primitives if (each.nature == "filter") == filters)


@dataclass
class Spot:
    """A place, and what was tried there.

    Attributes:
        place: where
        primitives: what may be inserted there
        units: what was tried, in the order of its columns
        levels_db: of each, output over input
        begins: earlier places from which a clean branch may lead here
        audio: (channels, time), what is played at this place
    """

    place: Place
    primitives: tuple[Primitive, ...]
    units: list[Unit] = field(default_factory=list)
    levels_db: list[float] = field(default_factory=list)
    begins: list["Spot"] = field(default_factory=list)
    audio: Tensor | None = None

    def perturbations(self, choices: Choices, count: int) -> Perturbations:
        """Return the stage whose strengths are a gain at this place, each effect, and each clean
        branch that ends here."""

        def signals(audio: Tensor, playback: Playback) -> Tensor:
            starts = start_units(self.primitives, audio.numpy(), playback, choices.echo_seconds)
            self.units = [*starts, *choices.units]
            self.audio = audio
            level = float(audio.norm()) + 1e-20
            changes, self.levels_db = [audio], []
            for unit in self.units:
                values = torch.tensor([unit.values], dtype=torch.float64)
                output = unit.effect.process(audio[None], playback, values)[0]
                louder = float(output.norm()) / level
                self.levels_db.append(20.0 * float(np.log10(louder + 1e-6)))
                changes.append(output - audio)
            changes += [each.audio for each in self.begins if each.audio is not None]
            return torch.stack(changes)

        return Perturbations(count, signals)


def spots_of(nodes: Nodes, choices: Choices) -> list[Spot]:
    """Return every place that differs from others: filters only before a run of filters."""
    found: list[Spot] = []
    inside = nodes[:-1] if is_filter(nodes[-1]) else nodes  # none leads around a gain at the end
    for place in places(nodes):
        if not place.path and place.index == len(nodes):
            continue  # behind the gain at the end
        first = run_start(nodes, place) == place
        primitives = (*choices.of(filters=False), *(choices.of(filters=True) if first else ()))
        spot = Spot(place, primitives)
        spot.begins = [each for each in found if may_be_bypassed(inside, each.place, place)]
        found.append(spot)
    return found


def strengths_at(spot: Spot, excerpt: Excerpt, sample_rate: int, choices: Choices) -> int:
    playback = excerpt.playback(sample_rate)
    units = start_units(spot.primitives, excerpt.dry, playback, choices.echo_seconds)
    return 1 + len(units) + len(choices.units) + len(spot.begins)


def owners(nodes: Nodes, marks: dict[int, Spot]) -> list[tuple[Spot | None, int]]:
    """Return for each value of the perturbed chain its spot with the number of its strength, or
    None with the number of the value in the chain itself."""
    found: list[tuple[Spot | None, int]] = []
    own = 0

    def walk(inside: Nodes) -> None:
        nonlocal own
        for node in inside:
            if isinstance(node, Split):
                for branch in node.branches:
                    found.append((None, own))
                    own += 1
                    walk(branch.nodes)
            elif id(node.effect) in marks:
                spot = marks[id(node.effect)]
                found.extend((spot, number) for number in range(len(node.values)))
            else:
                for _ in node.values:
                    found.append((None, own))
                    own += 1

    walk(nodes)
    return found
