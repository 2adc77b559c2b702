"""Names of gene sets as a reader wants them."""

ACRONYMS = set(
    [
        "AKT",
        "DN",
        "DNA",
        "JAK",
        "KRAS",
        "MTOR",
        "MTORC",
        "MYC",
        "NFKB",
        "TGF",
        "TNFA",
        "UP",
        "UV",
        "WNT",
    ]
)


def readable(name: str) -> str:
    """HALLMARK_G2M_CHECKPOINT → G2M checkpoint: no prefix, no underscores, at most 38 long."""
    if "_" not in str(name):
        return str(name)[:38]
    words = str(name).removeprefix("HALLMARK_").removeprefix("KEGG_").split("_")
    keep = [
        word if word in ACRONYMS or any(map(str.isdigit, word)) else word.lower() for word in words
    ]
    return " ".join(keep)[:38]
