"""The report: one self-contained page with the chain, its figures, and audio excerpts."""

from fxchain.report.content import Comparison, ReportContent, Track

__all__ = ["Comparison", "ReportContent", "Track"]
