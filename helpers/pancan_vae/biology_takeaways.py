"""Takeaways on clusters and hallmarks, written from a run's own numbers."""

from helpers.evaluate.results import mean_and_sd
from helpers.evaluate.wording import compare, counted, in_a_row
from helpers.pancan_vae.enrichment.cluster_scores import ClusterScores
from helpers.pancan_vae.enrichment.every_fold import FIXED, FoldHallmarks
from helpers.pancan_vae.enrichment.hallmarks import HallmarkEnrichment
from helpers.pancan_vae.latent_space.tumour_clusters import TumourClusters
from helpers.pancan_vae.paper_model import AS_THE_PAPER_HAS_IT, PAPER


def unlabelled_clusters(clusters: TumourClusters | None, scores: ClusterScores | None) -> str:
    """How far clusters found without labels are cancer types, and the hallmark tasks in them."""
    if clusters is None:
        return ""
    vae, pca = clusters.values("vae"), clusters.values("pca")
    pair = compare(vae, pca)
    said = (
        "**Clusters.** By their agreement with the cancer types (adjusted Rand index, held-out "
        f"tumours), {counted(clusters.n_clusters, 'k-means cluster')} of latents are {pair.order} "
        f"as many of components ({pair.numbers})"
    )
    if paper := clusters.values(PAPER):
        pair = compare(paper, vae)
        said += f", those of the model {AS_THE_PAPER_HAS_IT} {pair.order} this chapter's"
        said += f" ({pair.numbers})"
    if scores is None or scores.explained.empty:
        return f"{said}."
    n_tasks, above = scores.explained["task"].nunique(), scores.n_above_random()
    return (
        f"{said}. Of {counted(n_tasks, 'hallmark task')}, {mean_and_sd(above)} differ between "
        "clusters more than 95 % of as large random sets of features."
    )


def hallmarks_in_dimensions(
    hallmarks: HallmarkEnrichment, every_fold: FoldHallmarks | None = None
) -> str:
    """Findings of both tests on axes, directions and noise, and the hallmark tasks."""
    if not hallmarks.by_space:
        return "**Hallmarks.** This cohort's features have no gene sets, so none was looked for."
    counts = hallmarks.counts
    gsea, camera, tests = counts["GSEA"], counts["CAMERA"], counts["tests"]
    n_tasks = len(hallmarks.tasks["axes"])
    on_axes, on_directions = hallmarks.n_tasks("axes"), hallmarks.n_tasks("directions")
    return (
        f"**Hallmarks.** In the first fold, preranked GSEA calls {gsea['axes']} of "
        f"{tests['axes']} pairs of axis and set significant, and {gsea['noise']} when the latents "
        "are given to the wrong patients. "
        f"Allowing for co-expression (CAMERA), {camera['axes']} and {camera['noise']} remain; on "
        f"the varimax directions it finds {camera['directions']} of {tests['directions']}. Of "
        f"{counted(n_tasks, 'hallmark task')}, the axes carry {on_axes} and the directions "
        f"{on_directions}.{_over_folds(every_fold)}"
    )


def _over_folds(every_fold: FoldHallmarks | None) -> str:
    """Hallmark tasks of each space over all folds, and noise under a correlation that is fixed."""
    if every_fold is None or every_fold.scores.empty:
        return ""
    names = {
        "axes": "axes carry",
        PAPER: f"those of the model {AS_THE_PAPER_HAS_IT}",
        "directions": "directions",
    }
    tasks = {space: every_fold.values("tasks", space) for space in names}
    carried = [f"{names[space]} {mean_and_sd(n)}" for space, n in tasks.items() if n]
    own, fixed = (every_fold.values(column, "noise") for column in ("found", "found_fixed"))
    n_folds = counted(len(own), "fold")
    return (
        f" Over {n_folds}, {in_a_row(carried)} tasks. In latents of the wrong patients CAMERA "
        f"finds {mean_and_sd(own)} pairs with each set's own correlation, {mean_and_sd(fixed)} "
        f"with limma's fixed ρ = {FIXED}."
    )
