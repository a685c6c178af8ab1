"""Stages: one effect, a chain (in series), a mix (in parallel) or one for each channel."""

from fxchain.stage.base import Stage
from fxchain.stage.chain import Chain
from fxchain.stage.effect import Effect
from fxchain.stage.identity import ids_by_path, in_recording, stages_by_path, with_ids
from fxchain.stage.mix import Mix
from fxchain.stage.per_channel import PerChannel
from fxchain.stage.slot import WEIGHT, Slot, knob_name, stage_label
from fxchain.stage.visitor import OneChain, StageVisitor

__all__ = [
    "WEIGHT",
    "Chain",
    "Effect",
    "Mix",
    "OneChain",
    "PerChannel",
    "Slot",
    "Stage",
    "StageVisitor",
    "ids_by_path",
    "in_recording",
    "knob_name",
    "stage_label",
    "stages_by_path",
    "with_ids",
]
