"""Paper 4 row by row: what it has, whether this run has it so, and if not, why."""

import anndata

from helpers.evaluate.fidelity import (
    DEVIATING,
    FAITHFUL,
    MISSING,
    UNTESTABLE,
    PaperRows,
    Row,
    as_paper_rows,
)

PAPER_GENES, PAPER_EPOCHS = 3000, 1000
_LEFT_OUT = "left out of this run (`full` is off)"
_COMPENDIUM = "12,236 tumours and 1,249 lines, one compendium, 26 types"


def count_rnalign_rows(
    samples: anndata.AnnData,
    n_genes: int,
    n_epochs: int,
    full: bool,
    n_subtyped: int,
    subtype_cohort: str,
) -> PaperRows:
    """The paper's rows with what this run makes of them.

    Args:
        samples: tumours and lines as the run has them.
        n_genes: of highest median absolute deviation that were asked for.
        n_epochs: passes of RNAlign.
        full: whether the analyses that cost most were made.
        n_subtyped: samples whose subtype is known, in `subtype_cohort` or, if that is "", here.
        subtype_cohort: name of the other cohort that table 3 is made of.
    """
    rows = [
        *_data(samples, n_genes),
        *_model(n_epochs),
        *_results(full),
        *_subtypes(n_subtyped, subtype_cohort),
        *_beyond_tables(),
    ]
    return as_paper_rows(rows)


def _data(samples: anndata.AnnData, n_genes: int) -> list[Row]:
    is_paper = samples.uns.get("name") == "paper-rnalign"
    n_types = len(set(samples.obs["cancer_type"]))
    here = f"{samples.n_obs:,} samples, {n_types} types; the paper's: `-p cohort paper-rnalign`"
    purity = "as each cohort gives it, mostly ABSOLUTE and CPE: PUREE is a service"
    genes = FAITHFUL if n_genes == PAPER_GENES else DEVIATING
    return [
        ("A.2", _COMPENDIUM, *((FAITHFUL, "") if is_paper else (DEVIATING, here))),
        ("A.2", "log2(TPM + 1) of one pipeline", *(
            (FAITHFUL, "") if is_paper
            else (DEVIATING, "tumours and lines as their sources process them")
        )),
        ("3.2, A.2", "3,000 genes of highest median absolute deviation", genes,
         f"{n_genes:,} asked for, of those that both sides have"),
        ("3.2", "genes of mean 0 and variance 1", FAITHFUL, "over tumours and lines together"),
        ("3.2", "purity by PUREE", DEVIATING, purity),
        ("3.2", "labels: cancer type, origin, purity", FAITHFUL, ""),
    ]  # fmt: skip


def _model(n_epochs: int) -> list[Row]:
    passes = FAITHFUL if n_epochs == PAPER_EPOCHS else DEVIATING
    return [
        ("3.1", "conditional VAE, encoder and decoder told the labels", FAITHFUL, ""),
        ("3.1", "distance correlation of labels and latents as a loss", FAITHFUL,
         "its weight is taken per gene: the paper does not say how its ELBO is scaled"),
        ("3.1", "loss of the ELBO's gradient by the labels", FAITHFUL,
         "one norm over the minibatch, and trained; the published code detaches it"),
        ("3.2", "annealed KL weight", FAITHFUL, "in cycles, as in the work it cites"),
        ("3.2", "ReLU, dropout, Adam with weight decay", FAITHFUL, ""),
        ("3.2", "1,000 epochs, rate a tenth after 500 and 750", passes,
         f"{n_epochs:,} epochs, a tenth after a half and three quarters of them"),
        ("3.2, table 2", "twenty random draws, the lowest loss on held-out samples", DEVIATING,
         "a hundred draws; validation donors choose by alignment, the paper's rule stands beside"),
        ("3.2", "which draw was chosen, and its weights", UNTESTABLE,
         "the paper gives the space that was searched and not the settings that were found"),
        ("4.1", "fitted to and scored on all samples", FAITHFUL,
         "samples and types that no model has seen are asked beside"),
    ]  # fmt: skip


def _results(full: bool) -> list[Row]:
    if_full = (FAITHFUL, "") if full else (MISSING, _LEFT_OUT)
    return [
        ("figure 1", "drawing of the model", MISSING, "the chapter has its losses as code instead"),
        ("figure 2a–b", "UMAP of input and aligned samples", FAITHFUL, ""),
        ("figure 2c", "share of lines matched by 25 nearest tumours, Pearson", FAITHFUL,
         "beside the rate of as many tumours drawn at random"),
        ("table 1, A.3", "ΔD, PVCA and ΔkBET, medians over types", DEVIATING,
         "sign of ΔD as in the tables, not as in the formula; kBET's sizes and null are ours"),
        ("table 1", "Celligner", DEVIATING,
         "written anew from its paper, with its own settings searched as often"),
        ("table 1", "linear projection", FAITHFUL, "where purities differ"),
        ("table 1", "values of ΔD", UNTESTABLE,
         "distances depend on genes and samples; orders and proportions are claims"),
        ("table 4", "labels that are changed to align", FAITHFUL, ""),
        ("table 5", "without one part at a time", *if_full),
        ("figure 3", "UMAP of each cancer type", MISSING,
         "one picture of all types; each type's match is counted instead"),
        ("figure 4", "match of each cancer type, three methods", FAITHFUL, "more methods"),
        ("4.4", "brain, thyroid and liver lines do not match", UNTESTABLE,
         "a review of the literature; their matches stand in figure 4's table"),
    ]  # fmt: skip


def _subtypes(n_subtyped: int, subtype_cohort: str) -> list[Row]:
    lacking = (UNTESTABLE, "no cohort with subtypes of both sides in this run")
    other = (DEVIATING, f"of {subtype_cohort}, aligned by itself: not the pan-cancer model's")
    known = other if subtype_cohort else (FAITHFUL, "told to no method")
    breast = known if n_subtyped else lacking
    return [
        ("figure 2e", "breast subtypes after alignment", *breast),
        ("table 3", "ΔD, PVCA and ΔkBET of breast subtypes", *breast),
        ("figure 2d", "subtypes of lung cancer after alignment", MISSING,
         "adenocarcinoma and squamous are types of their own here, and told to the model"),
        ("table 3", "ΔD, PVCA and ΔkBET of lung subtypes", MISSING,
         "no histology of lung lines beyond those types among the sources"),
    ]  # fmt: skip


def _beyond_tables() -> list[Row]:
    return [
        ("A.10", "nearest lines of a tumour, and their drug response", FAITHFUL,
         "ranked after a mean shift, RNAlign's rank beside"),
        ("A.10", "transfer learning to a patient's response", UNTESTABLE,
         "an outlook of the paper"),
        ("A.12", "markers kept within types, pathways of types that do not align", UNTESTABLE,
         "an outlook of the paper; genes hidden from every method are asked here"),
    ]  # fmt: skip
