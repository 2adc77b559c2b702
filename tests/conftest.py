"""Fixtures shared by all tests: the real cohorts, loaded once a session, and an empty cache."""

import os
import signal

import pytest

from helpers.runs.light_imports import skip_address_grammar

os.environ.setdefault("MPLBACKEND", "Agg")
# numba, which umap starts, does not follow OMP_NUM_THREADS: it sets torch's threads to all
# cores, and threads that spin beside another test process make small models a hundredfold slower.
if threads := os.environ.get("OMP_NUM_THREADS"):
    os.environ.setdefault("NUMBA_NUM_THREADS", threads)
# A shell starts what it puts in the background deaf to Ctrl-C, and so would be what tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
skip_address_grammar()
pytest_plugins = ("tests.fixtures.axes", "tests.fixtures.projects", "tests.fixtures.small_cohorts")

REAL_GROUPS = (
    "tcga-mirna",
    "tcga-mrna-counts",
    "tcga-clinical",
    "tcga-subtypes",
    "gene-sets",
    "gene-annotation",
    "mirna-targets",
    "ccle",
    "celligner",
    "tcga-purity",
    "gdsc",
    "tcga-mrna-z",
    "tcga-brca-atac",
    "tcga-atac-pcs",
    "tcga-brca-hipt",
)


COSTLY = ("book", "notebook", "real", "slow", "kernel")
"""Markers of tests that take long, the longest first."""


def pytest_collection_modifyitems(items):
    """Files with long tests go first: beside each other, processes then end at about one time.

    Files stay together (`--dist loadfile`), so that what their tests share is made once.
    """
    rank = {}
    for item in items:
        marks = [i for i, name in enumerate(COSTLY) if item.get_closest_marker(name)]
        rank[item.path] = min([*marks, rank.get(item.path, len(COSTLY))])
    items.sort(key=lambda item: rank[item.path])


@pytest.fixture(scope="session")
def real_data():
    """The real files can be had: a mirror is named, or they are cached. Otherwise skip.

    In CI (CI=true) they must be there, so their absence is a failure.
    """
    from helpers.cohorts.sources import load_sources

    sources = load_sources()
    missing = [
        group
        for group in REAL_GROUPS
        if not all(source.local_path.is_file() for source in sources[group])
    ]
    if missing and not os.environ.get("HELPERS_DATA_MIRROR"):
        reason = (
            f"real data: {', '.join(missing)} not in data/cache and HELPERS_DATA_MIRROR is not "
            "set. Run `make fetch`, or set HELPERS_DATA_MIRROR"
        )
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def tcga_mirna(real_data):
    """Cohort tcga-mirna; shared, so copy it before changing it."""
    from helpers.cohorts.registry import load_cohort

    return load_cohort("tcga-mirna")


@pytest.fixture(scope="session")
def tcga_mrna(real_data):
    """Cohort tcga-mrna; shared, so copy it before changing it."""
    from helpers.cohorts.registry import load_cohort

    return load_cohort("tcga-mrna")


@pytest.fixture(scope="session")
def ccle_tcga(real_data):
    """Cohort ccle-tcga; shared, so copy it before changing it."""
    from helpers.cohorts.registry import load_cohort

    return load_cohort("ccle-tcga")


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """An empty cache folder of this test's own, and no mirror."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(folder))
    monkeypatch.delenv("HELPERS_DATA_MIRROR", raising=False)
    return folder


@pytest.fixture(autouse=True)
def _no_names_from_before(request, monkeypatch):
    """Only tests of real data look up what genes were called before: the others need no files."""
    if request.node.get_closest_marker("real") is None:
        from helpers.cohorts.reading import gene_names, previous_names

        monkeypatch.setattr(previous_names, "_looked_up", lambda _: {})
        monkeypatch.setattr(gene_names, "load_entrez_symbols", dict)


@pytest.fixture
def known_before(monkeypatch):
    """Call it with a table, previous name → current one, that is to be known in this test."""
    from helpers.cohorts.reading import previous_names

    return lambda table: monkeypatch.setattr(previous_names, "_looked_up", lambda _: table)
