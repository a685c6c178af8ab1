"""What a match found out about its pair and its chain, each with its figure."""

from fxchain.matching.findings.finding import Finding
from fxchain.matching.findings.measure import findings_budget, measure_findings
from fxchain.matching.findings.sentences import sentence

__all__ = ["Finding", "findings_budget", "measure_findings", "sentence"]
