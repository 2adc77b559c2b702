"""Paper 2 row by row: what it has, whether this run has it so, and if not, why."""

from collections.abc import Mapping

import anndata

from helpers.coembedding.argument_groups import Network, Preparation
from helpers.coembedding.atac.peak_store import PeakStore
from helpers.coembedding.claims import NO_PEAKS, NO_SLIDES, NO_SURVIVAL, ONE_CANCER
from helpers.coembedding.donors.demographics import GROUPS, NUMBERS
from helpers.evaluate.fidelity import (
    DEVIATING,
    FAITHFUL,
    MISSING,
    UNTESTABLE,
    PaperRows,
    Row,
    as_paper_rows,
)
from helpers.evaluate.wording import counted

PAPER_LATENTS, PAPER_PEAKS, PAPER_TEST = 512, 562_709, 0.2
_PATIENCE = 2  # epochs without improvement that end the window VAE's training, in the paper


def count_coembedding_rows(
    donors: anndata.AnnData,
    peaks: PeakStore | None,
    slides: anndata.AnnData | None,
    preparation: Preparation,
    network: Network,
    patience: int,
    n_seeds: int,
    of_donors: bool,
) -> PaperRows:
    """The paper's rows with what this run makes of them.

    Args:
        donors: the cohort of both modalities.
        peaks: what the window VAE is trained on; None without peaks.
        slides: the cohort of slides; None without one.
        preparation: as the run has it.
        network: as the run has it.
        patience: epochs without improvement that end the window VAE's training.
        n_seeds: splits of the run.
        of_donors: whether the peaks are the donors' own, so that all benchmarks take them.
    """
    rows = [
        *_data(donors, preparation, n_seeds),
        *_single_models(network, peaks, patience, of_donors),
        *_coembeddings(donors),
        *_benchmarks(donors, peaks),
        *_histology(slides),
    ]
    return as_paper_rows(rows)


def _data(donors: anndata.AnnData, preparation: Preparation, n_seeds: int) -> list[Row]:
    obs, kind = donors.obs, donors.uns.get("feature", "feature")
    n_atac = int(obs["has_atac"].sum())
    is_peak = donors.uns["atac_feature"] == "peak"
    n_columns = donors.obsm["atac"].shape[1]
    is_same = is_peak and n_columns == PAPER_PEAKS
    share = preparation.test_fraction
    known = [name for name in (*GROUPS, *NUMBERS) if name in obs]
    kept = "a fifth held out"
    if abs(share - PAPER_TEST) > 1e-9:
        kept = f"{share:.0%} held out: of a fifth of few donors few types have the five for folds"
    split = f"{kept}; {counted(n_seeds, 'split')} of the donors with both, not one fixed one"
    return [
        ("methods", "RNA of TCGA, ENCODE and a private source, 19,421 genes", DEVIATING,
         f"{int(obs['has_rna'].sum()):,} samples of {donors.n_vars:,} {kind}s, one source"),
        ("methods", "800 ATAC samples of TCGA, 562,709 peaks", DEVIATING,
         f"{n_atac} samples; {'its peaks' if is_same else f'{n_columns:,} columns'}"
         + ("" if is_peak else f": {NO_PEAKS}")),
        ("methods", "features without counts or of little variance left out", DEVIATING,
         "RNA of a low mean in training; what does not vary in either"),
        ("methods", "quantile normalisation", *(
            (FAITHFUL, "reference from training samples") if preparation.quantile and is_peak
            else (DEVIATING, "of RNA alone: components have no distribution to share")
            if preparation.quantile else (MISSING, "switched off in this run (`quantile`)")
        )),
        ("methods", "removeBatchEffect: library preparation, sequencing", *(
            (FAITHFUL, "of RNA, limma's, fitted on training samples")
            if preparation.batch in obs else (UNTESTABLE, "this cohort names no batch")
        )),
        ("methods", "removeBatchEffect: demographics", *(
            (FAITHFUL, "age, sex and race, within a cancer type, fitted on training donors")
            if preparation.demographics and known
            else (UNTESTABLE, "this cohort has neither age, sex nor race") if not known
            else (MISSING, "switched off in this run (`remove_demographics`)")
        )),
        ("methods", "80/20 split with a fixed hold-out", DEVIATING, split),
        ("methods", "hold-out of 160 donors with both, perhaps of two samples", DEVIATING,
         "one sample a donor; they are in neither modality's training"),
    ]  # fmt: skip


def _single_models(
    network: Network, peaks: PeakStore | None, patience: int, is_own: bool
) -> list[Row]:
    n = network.n_latent
    wide = FAITHFUL if n == PAPER_LATENTS else DEVIATING
    dims = f"{n} dimensions, the same for every embedding"
    no_peaks = None if peaks is not None else (UNTESTABLE, NO_PEAKS)
    stop = FAITHFUL if patience == _PATIENCE else DEVIATING
    return [
        ("methods", "baseline of 512 principal components, fitted in training", wide, dims),
        ("figure 1a", "RNA VAE, two layers and one ReLU, Huber + KL", FAITHFUL,
         "its widths and the weight of the KL are ours: the paper gives none"),
        ("results", "512D RNA linear VAE", wide,
         f"the RNA VAE without its hidden layer, which the paper does not describe; {dims}"),
        ("figure 1a", "ATAC VAE of windows of 5,000 peaks, three modules", *(
            no_peaks or (FAITHFUL, "windows end at a chromosome's end; widths are ours"))),
        ("methods", "windows slide by 1,000 peaks between passes", *(
            no_peaks or (FAITHFUL, "by a fifth of the window"))),
        ("methods", "training until two epochs without improvement", *(
            no_peaks or (stop, f"{patience} epochs; other models take a fixed number of steps"))),
        ("figure 1a", "hierarchical VAE: convolution of kernel 3, two modules", *(
            no_peaks or (wide, dims))),
        ("figure 2", "hierarchical ATAC VAE in all four benchmarks", *(
            no_peaks or ((FAITHFUL, "and as the ATAC side of two co-embeddings") if is_own
            else (DEVIATING, "the peaks are other samples' than the donors': judged by what it "
                             "rebuilds; in the benchmarks the ATAC VAE has one level")))),
    ]  # fmt: skip


def _coembeddings(donors: anndata.AnnData) -> list[Row]:
    has_places = donors.uns["atac_feature"] == "peak" and {"chrom", "tss"} <= set(donors.var)
    correlated = (
        (FAITHFUL, "through gene activity; the paper does not say how peaks become genes")
        if has_places
        else (DEVIATING, "RNA predicted by ridge on the demographic matches: no peaks with places")
    )
    return [
        ("figure 1b", "adversarial: discriminator of three layers, opposite losses", FAITHFUL,
         "its steps and weight are not given; swept in coembedding_adversary"),
        ("figure 1b", "contrastive: triplets of cancer types, margin 1, a fair coin", FAITHFUL,
         "positives and negatives from the minibatch"),
        ("methods", "cycle across modalities, encoders frozen", FAITHFUL,
         "squared distance summed over dimensions, not averaged; the weight is ours"),
        ("methods", "matches by type, sex, ethnicity and age", FAITHFUL,
         "which of them gives way where nobody fits is ours"),
        ("methods", "matches with the four most correlated RNA samples", *correlated),
        ("methods", "what a match does in the losses", UNTESTABLE,
         "the paper does not say; here `match_weight` pulls the two together"),
        ("methods", "weights by a search with Wandb", DEVIATING,
         "few, by hand and by published sweeps; the paper gives neither space nor outcome"),
        ("methods", "compared with the best single-modality models", FAITHFUL, ""),
    ]  # fmt: skip


def _benchmarks(donors: anndata.AnnData, peaks: PeakStore | None) -> list[Row]:
    is_followed = {"os_time", "os_event"} <= set(donors.obs)
    is_gene = donors.uns.get("feature") == "gene"
    of_peaks = (FAITHFUL, "of the models of windows") if peaks is not None else None
    survival = (DEVIATING, "of all donors with both, K chosen inside the folds; a Cox model of the "
                "training donors is asked about the held-out ones beside")  # fmt: skip
    return [
        ("methods", "means of the posterior as embeddings", FAITHFUL, ""),
        ("figure 2", "cancer type by XGBoost in five folds", FAITHFUL, "of held-out donors"),
        ("figure 2", "Grassmann distance, 100 angles", FAITHFUL,
         "as many as types and dimensions allow"),
        ("figure 2", "survival: Cox on the top K components, Uno's C, five folds",
         *(survival if is_followed else (UNTESTABLE, NO_SURVIVAL))),
        ("results", "survival by age, sex and tumour type", *(
            (FAITHFUL, "in the same folds") if is_followed else (UNTESTABLE, NO_SURVIVAL))),
        ("figure 2", "genes that differ once rebuilt, largest cohort", FAITHFUL,
         "two groups by limma's moderated t, which the paper does not name"),
        ("figure 2", "peaks that differ once rebuilt", *(of_peaks or (UNTESTABLE, NO_PEAKS))),
        ("results", "floors of pseudoreplicates", FAITHFUL,
         "reads dealt at random to two halves of each sample"),
        ("results", "GO of the genes that differ, by GOrilla", DEVIATING,
         "over-representation among measured features"
         + ("" if is_gene else "; sets are read through the genes that microRNAs target")),
        ("results", "GREAT of the peaks that differ", *(
            (DEVIATING, "its binomial test, and one among the measured peaks") if of_peaks
            else (UNTESTABLE, NO_PEAKS))),
        ("figure 2", "values of its dots", UNTESTABLE, "a picture without a table"),
    ]  # fmt: skip


_SLIDES: Mapping[str, tuple[str, str, str]] = {
    "HIPT embeddings of tiles": (
        "results", DEVIATING, "of the regions of a slide, as they were published"),
    "expression from tiles, averaged over a slide": (
        "results", FAITHFUL, "the supervised model is ours: the paper describes none"),
    "Spearman of each gene": ("figure 3a", FAITHFUL, "beside exchanged slides"),
    "RNA VAE retrained on imputed profiles, rebuilt against ground truth": (
        "results", FAITHFUL, "ground truth taken as the observed profile; the input's beside"),
    "observed expression and embedding by components": ("figure 3b", FAITHFUL, ""),
    "survival by the retrained VAE": ("results", FAITHFUL, "folds of the held-out patients"),
    "genes that differ, observed against predicted": (
        "figure 3c", FAITHFUL, "the text says predictions, the caption reconstructions"),
}  # fmt: skip


def _histology(slides: anndata.AnnData | None) -> list[Row]:
    no_slides = None if slides is not None else (UNTESTABLE, NO_SLIDES)
    rows: list[Row] = [
        (where, what, *(no_slides or (status, here)))
        for what, (where, status, here) in _SLIDES.items()
    ]
    is_one = slides is not None and len(set(slides.obs["cancer_type"])) == 1
    types = (UNTESTABLE, ONE_CANCER) if is_one else no_slides or (FAITHFUL, "")
    return [
        *rows,
        ("results", "cancer type by the retrained VAE", *types),
        ("results", "pathways of the 17 genes, Spearman of eleven", UNTESTABLE,
         "the paper does not name the genes"),
    ]  # fmt: skip
