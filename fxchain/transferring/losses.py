"""All losses between unpaired recordings."""

from fxchain.transferring import decay, drive, dynamics, level, spectrum, width
from fxchain.transferring.loss import Loss

LOSSES: tuple[Loss, ...] = (
    spectrum.LOSS,
    level.LOUDNESS,
    level.EVENT_LEVEL,
    level.SPREAD,
    dynamics.MOVEMENT,
    dynamics.ATTACK,
    dynamics.CREST,
    drive.DENSITY,
    drive.GROWTH,
    decay.LOSS,
    width.WIDTH,
    width.BALANCE,
)
