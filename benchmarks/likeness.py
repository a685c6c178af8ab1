"""Fits the constants of `fxchain.transferring.content_distance`.

    FXCHAIN_DATA=… python benchmarks/likeness.py [--cases 270] [--seed 4321]

Pairs of raw clips are drawn as in `transfer.py`, with another seed; one of each pair goes through a
hidden chain. What can then be observed (the correlation of the fine structure, distances of the
losses) is laid on what cannot: the distance in tone that the raw clips have by themselves. The
constants it prints stand in the module, to within 0.07; R² is that of sources that were left out.

Then what tells the level: how far the loudness, the loudest sample and `event_level` of the first
clip behind the chain are from those of the second one behind it (root of the mean square), and the
two constants of `event_level` by least squares, once from the first clip behind the chain and once
from it as it is, as long as the chain is not known; those in use lie between, to within 0.05.
"""

import argparse
from collections.abc import Sequence

import numpy as np
import torch
from sklearn.linear_model import Ridge
from sklearn.model_selection import GroupKFold, cross_val_predict
from transfer_cases import make_case, raw_second

from fxchain.files.audio_input import resample
from fxchain.transferring.content_distance import (
    DIFFERENT,
    OBSERVED,
    PER_LOG_DISTANCE,
    fine_correlation,
)
from fxchain.transferring.descriptors import Descriptors, decibels
from fxchain.transferring.level import event_level, fullness, loudness, prominence
from fxchain.transferring.loss import Loss
from fxchain.transferring.losses import LOSSES
from fxchain.transferring.target import as_tensor, targets

PENALTY, FOLDS = 3.0, 6


def main() -> None:
    """Print the constants and what the losses tell apart."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=270)
    parser.add_argument("--seed", type=int, default=4321)
    options = parser.parse_args()
    observed, hidden, relations, sources = [], [], [], []
    content: dict[tuple[str, str], list[float]] = {}
    levels: dict[str, list[list[float]]] = {}
    telling: dict[str, list[list[float]]] = {"behind the chain": [], "as it is": []}
    for number in range(options.cases):
        case = make_case(number, options.seed)
        rate = case.raw.sample_rate
        with torch.no_grad():
            clips = (case.raw, case.reference, raw_second(number, options.seed), case.truth)
            raw, processed, second, truth = (
                Descriptors(as_tensor(resample(clip, rate).samples), rate) for clip in clips
            )
            apart = [how(truth) - how(processed) for how in (loudness, _peak, event_level)]
            levels.setdefault(case.relation, []).append([float(each) for each in apart])
            for recording, rows in zip((truth, raw), telling.values(), strict=True):
                told = [how(processed) - how(recording) for how in (prominence, fullness)]
                rows.append([float(each) for each in (apart[0], *told)])
            seen, true = (_distances(raw, other, OBSERVED) for other in (processed, second))
            alone = _distances(truth, processed, LOSSES)
        row = [np.log(seen[name] + 0.05) for name in PER_LOG_DISTANCE]
        observed.append([fine_correlation(raw, processed), *row])
        hidden.append(np.log(true["spectrum"] + 0.1))
        relations.append(case.relation)
        sources.append(case.name.split()[2])
        for name, distance in alone.items():
            content.setdefault((name, case.relation), []).append(distance)
    x, y = np.array(observed), np.array(hidden)
    model = Ridge(alpha=PENALTY)
    folds = GroupKFold(min(FOLDS, len(set(sources))))
    guessed = cross_val_predict(model, x, y, cv=folds, groups=sources)
    model.fit(x, y)
    names = ("correlation", *PER_LOG_DISTANCE)
    print(f"constant {model.intercept_:.2f};", end=" ")
    print(", ".join(f"{name} {c:.2f}" for name, c in zip(names, model.coef_, strict=True)))
    print(f"R² over sources left out: {1.0 - np.mean((guessed - y) ** 2) / y.var():.2f}")
    for relation in dict.fromkeys(relations):
        chosen = guessed[np.array(relations) == relation] / DIFFERENT
        print(f"unlikeness of {relation}: median {np.median(chosen):.2f}, sd {chosen.std():.2f}")
    print("typical distance of the contents alone (root of the median, in that of two sections)")
    for (name, relation), values in content.items():
        print(f"  {name:<20}{relation:<10}{np.sqrt(np.median(values)):>8.2f}")
    print("level of the truth from that of the reference, dB: loudness, peak, event level")
    for relation, rows in levels.items():
        print(
            f"  {relation:<10}",
            *(f"{np.sqrt(np.mean(np.square(x))):8.2f}" for x in np.array(rows).T),
        )
    for name, rows in telling.items():
        apart_db, *counting = np.array(rows).T
        best = np.linalg.lstsq(np.stack(counting, axis=1), apart_db, rcond=None)[0]
        print(
            f"  least {name}: {best[0]:.2f} of what events stand out by, {best[1]:.2f} of fullness"
        )


def _peak(recording: Descriptors) -> torch.Tensor:
    return decibels(recording.audio.abs().amax().square())


def _distances(first: Descriptors, second: Descriptors, losses: Sequence[Loss]) -> dict[str, float]:
    found = targets(losses, first, first, [second])
    return {each.loss.name: float(each.distance(first)) for each in found}


if __name__ == "__main__":
    main()
