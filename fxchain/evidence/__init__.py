"""What a pair of recordings says about effects, before any search."""

from fxchain.evidence.measure import measure_evidence

__all__ = ["measure_evidence"]
