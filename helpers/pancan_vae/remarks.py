"""What holds for one cohort only, shown in runs on that cohort and nowhere else."""

from helpers.evaluate.wording import bullet_list

REMARKS = {
    "demo-pancan": (
        "**Data.** Simulated: a claim that is reproduced here says that the method sees what was "
        "planted, nothing about cancer.",
    ),
    "tcga-mirna": (
        "**Data.** microRNA tells tissues apart well, but a hallmark is then two steps away: "
        "microRNA → supported targets → gene set. About half of those memberships are expected by "
        "chance.",
        "**How the settings were chosen.** Seven models were compared on ten splits outside the "
        "sealed fold, by accuracy of logistic regression, then (for differences below a standard "
        "error) balanced accuracy; one layer of 256 beside a linear path was taken. Folds 2 to 5 "
        "test patients who took part in that choice; an earlier look at widths had seen all.",
        "**Pipeline and machine.** COAD, READ and LAML were quantified by an older pipeline, LAML "
        "on one machine alone. Part of what brings colon and rectum together and sets leukaemia "
        "apart may be that.",
        "**Colon, rectum, leukaemia** are in the paper's text, not in its list of twelve.",
    ),
    "tcga-mrna": (
        "**Data.** mRNA, as in the paper, but of eight cancers, of which only UCS and GBM are "
        "among its twelve; the types its claims name are absent. Cancer type and sequencing "
        "centre cannot be told apart.",
    ),
}


def remarks_on(cohort: str) -> str:
    """Markdown list of the remarks on a cohort; "" where there are none."""
    return bullet_list(REMARKS.get(cohort, ()))
