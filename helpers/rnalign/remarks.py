"""What holds for one cohort of the chapter only; shown in runs on that cohort and in no others."""

from collections.abc import Iterable

from helpers.evaluate.wording import bullet_list

READING = {
    "ccle-tcga": {
        "kidney": "*Kidney* tumours are chromophobe, from the collecting duct; its lines are clear "
        "cell, from the proximal tubule. They should not match, and a method that matches them is "
        "wrong.",
        "biliary": "*Biliary* lines come from the whole biliary tree, the tumours are "
        "intrahepatic, and the pancreas is the next duct.",
        "brain": "*Brain* has the most tumours, so chance is high.",
        "eye": "*Eye* has twelve lines.",
    },
}
"""Cohort → type → how its matches can be read."""

QUESTION = "Which types are at chance, and whom do their lines find instead?"
NOT_NOTED = "**Cohort.** How it differs from the paper's is not noted here."

DIFFERENCES = {
    "ccle-tcga": (
        "**Cohort.** `ccle-tcga` has a fourteenth of the paper's samples, eight lineages and the "
        "530 genes that one public copy of DepMap shares with the counts. Several tumour types are "
        "rare ones whose lines come from other diseases of the same organ. Types the paper "
        "discusses (lung, oesophagus, thyroid, liver) are missing; breast can be had for table 3 "
        "alone.",
        "**Units.** Tumours are log2(CPM+1), lines log2(TPM+1): CPM does not divide by gene "
        "length. That is a constant per gene, which any shift removes and which makes the input "
        "look worse than the biology is.",
        "**Purity** is ABSOLUTE's, CPE where that is missing, and the median of the type for the "
        "last few; the paper used PUREE, a web service.",
    ),
    "ccle-brca": (
        "**Table 3.** `ccle-brca` has breast cancers by themselves, not a part of the large "
        "alignment, on 138 genes without ESR1 or the keratins; tumours are published as z-scores, "
        "so both sides come standardised, which a mean shift cannot better. Lines have no PAM50: "
        "their receptors stand in for it.",
    ),
    "demo-rnalign": (
        "**Cohort.** `demo-rnalign` is simulated: purity adds a nonlinear mixture with stroma to "
        "the tumours and culture a shift to the lines. Its numbers say whether the methods do what "
        "they should, and nothing of real tumours.",
    ),
}
"""Cohort → what differs from the paper there, and why."""


def how_to_read(cohort: str, types: Iterable[str]) -> str:
    """Markdown on those of a cohort's `types` that something is known of, else a question."""
    known = READING.get(cohort, {})
    return bullet_list([known[name] for name in types if name in known] or [QUESTION])


def what_differs(cohorts: Iterable[str]) -> str:
    """Markdown on what differs from the paper in these cohorts."""
    texts = [text for name in cohorts for text in DIFFERENCES.get(name, ())]
    return bullet_list(texts or [NOT_NOTED])
