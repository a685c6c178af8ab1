"""The report: one self-contained page on which a chain that was found is seen and heard."""

from fxchain.report.content import ReportContent, Scene, Track

__all__ = ["ReportContent", "Scene", "Track"]
