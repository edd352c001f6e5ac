"""All rules over one draft, findings in reading order."""

from __future__ import annotations

from typing import Final

from promptwire.api.authoring import Finding
from promptwire.api.prompt import Content
from promptwire.prompt.lint import contract, snippets, structure, variables, wording
from promptwire.prompt.lint.draft import Draft, Rule
from promptwire.prompt.reading import Reading

RULES: Final[tuple[Rule, ...]] = (*variables.RULES, *snippets.RULES, *structure.RULES, *wording.RULES, *contract.RULES)

_WORST_FIRST: Final = {"error": 0, "warning": 1, "info": 2}


def lint(content: Content, reading: Reading) -> list[Finding]:
    """What the rules find in ``content``: those with a place in reading order, then the others, the worst first."""
    draft = Draft(content, reading)
    findings = [finding for rule in RULES for finding in rule.findings(draft)]
    return sorted(findings, key=_order)


def _order(finding: Finding) -> tuple[int, int, int, int]:
    severity = _WORST_FIRST[finding.severity]
    if finding.span is None:
        return (1, severity, 0, 0)
    return (0, finding.span.message, finding.span.start, severity)
