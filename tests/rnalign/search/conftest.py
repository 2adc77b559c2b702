"""The search is tried on a small cohort."""

from tests.fixtures.small_alignment import plan, samples  # noqa: F401
