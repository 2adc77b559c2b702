"""The analyses are tried on a small cohort."""

from tests.fixtures.small_alignment import compared, data, plan, samples  # noqa: F401
