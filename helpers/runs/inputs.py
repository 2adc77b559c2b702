"""The files that runs read, downloaded once before the first run starts."""

from collections.abc import Callable, Iterable

from helpers.runs.chapter_needs import check_data, is_cohort
from helpers.runs.plans import Plan


def fetch_inputs(plans: Iterable[Plan], say: Callable[[str], None] = lambda _: None) -> bool:
    """Download what the cohorts of unfinished `plans` still lack; whether anything was fetched.

    Workers beside each other would else fetch the same files, and a run whose data cannot be had
    would say so after its kernel has started. A run id covers sums that a first download records,
    so plan anew after True. Files that a cohort is only interpreted with (gene sets, drug screens)
    are left out where they cannot be had: the chapters say what is missing then. `say` gets a line
    for each group of files.

    Raises:
        DataUnavailable: files of a cohort are neither here nor in the mirror nor reachable.
        CorruptDownload: what came is not the registered file.
    """
    from helpers.cohorts.sources import DataUnavailable, fetch_group, missing_files
    from helpers.runs.number_format import counted, readable_bytes

    groups = _groups({name for plan in plans if not plan.is_finished for name in _cohorts(plan)})
    fetched = False
    for group, is_needed in groups.items():
        missing = missing_files(group)
        if not missing:
            continue
        size = readable_bytes(sum(source.bytes or 0 for source in missing))
        say(f"fetching {group}: {counted(len(missing), 'file')}, {size}")
        try:
            fetch_group(group)
        except DataUnavailable:
            if is_needed:
                raise
            continue
        fetched = True
    return fetched


def build_inputs(plans: Iterable[Plan]) -> None:
    """Put the cohorts of unfinished `plans` into the cache, and ask what their chapters need.

    Runs beside each other would else build the same ones, and say what is wrong with them after a
    kernel has started.

    Raises:
        ValueError: a chapter cannot use what it is given, see `check_data`.
        DataUnavailable, CorruptDownload: the files of a cohort cannot be had.
    """
    for plan in plans:
        if not plan.is_finished:
            check_data(plan.notebook, plan.parameters, plan.inputs, builds=True)


def _cohorts(plan: Plan) -> set[str]:
    return {str(value) for name, value in plan.parameters.items() if is_cohort(name) and value}


def _groups(cohorts: Iterable[str]) -> dict[str, bool]:
    """Source groups of registered cohorts, and whether a run cannot do without them."""
    from helpers.cohorts.cohort_cache import is_built
    from helpers.cohorts.registry import COHORTS

    specs = [COHORTS[name] for name in sorted(cohorts) if name in COHORTS]
    optional = {group: False for spec in specs for group in spec.enrichment_groups}
    needed = {group: True for spec in specs if not is_built(spec.name) for group in spec.groups}
    return optional | needed
