"""What is true of one cohort only, shown in runs on that cohort."""

_STARTS = (
    "**Settings.** The choice by reconstruction was made on these patients, and a start at PCA won "
    "it; its scores with PAM50 were then seen before the default went back to the paper's random "
    "start. What the table of starts says of PAM50 is therefore no evidence."
)
_FAMILIES = (
    "**Genes.** The paper has whole transcriptomes (FPKM); this cohort has genes of chosen "
    "families, few of PAM50's among them. Agreement with known subtypes has a lower ceiling here. "
    "The microRNAs are the same measurement as the paper's."
)
_PURITY = (
    "**Immune genes**, where they separate clusters, say how much of a sample is tumour before "
    "they say anything of a subtype."
)

REMARKS: dict[str, tuple[str, ...]] = {
    "demo-subtypes": (
        "**Subtypes** are planted, and planted clearly: how often a method finds them says that it "
        "works, not that it would be ahead on tumours.",
    ),
    "tcga-brca": (
        _FAMILIES,
        "**PAM50.** Seven of its fifty genes are measured here, without ESR1 and FOXA1. Of its "
        "subtypes the basal-like lies apart from the others by nature; look whether any other "
        "does before you read a boundary as one.",
        _STARTS,
        _PURITY,
    ),
    "tcga-subtyping": (_FAMILIES, _PURITY),
    "paper-subtyping": (_PURITY,),
}
"""Name of a cohort → sentences in Markdown."""


def remarks(cohort: str) -> tuple[str, ...]:
    """The remarks on a cohort, none on one that is not known."""
    return REMARKS.get(cohort, ())
