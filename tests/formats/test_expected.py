"""Where other projects tell what they read in the same files, we agree; where not, we know why."""

from __future__ import annotations

from bench import expected
from tests.shared import SHARED, needs_shared


@needs_shared
def test_expected_results_agree() -> None:
    """Titles, authors, DOI and year of at least 98 % of the records; every other one has its reason."""
    counts, others = expected.report(SHARED / "api")
    n, agreeing = (sum(told) for told in zip(*counts.values(), strict=True))
    print(f"FIGURE agreement {agreeing / n:.4f} share of {n} records")
    assert n >= 600
    assert agreeing / n >= 0.98
    assert {one.sample for one in others} <= expected.REASONS.keys()
