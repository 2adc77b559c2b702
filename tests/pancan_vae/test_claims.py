from helpers.evaluate.reproduction import claim_table, verdict
from helpers.pancan_vae.claims import pancan_claims


def test_tolerances_in_words_are_what_the_predicates_say():
    claims = pancan_claims(("COAD", "READ"), "LAML", ("LUAD", "LUSC"), n_types=10)
    steps = {
        "tissue": (0.8, 0.6, 0.59),
        "near": (0.8, 0.4, 0.2),
        "apart": (0.51, 0.5, 0.25),
        "accuracy": (0.9, 0.8, 0.79),
        "mixed": (1, 3, 4),
        "hallmarks": (5, 3, 2),
        "pca": (0, -0.01, -0.02),
    }
    for name, values in steps.items():
        verdicts = [verdict(claims[name].observe(value)) for value in values]
        assert verdicts == ["reproduced", "partly", "not"], name
    near_chance = [verdict(claims["shuffled"].observe(value)) for value in (0.1, 0.16)]
    assert near_chance == ["reproduced", "not"]


def test_claims_about_absent_types_say_so_and_the_table_holds_no_result():
    claims = pancan_claims(("COAD", "READ"), "LAML", ("LUAD", "LUSC"), n_types=10)
    assert {n for n, c in claims.items() if c.reason} == {"near", "apart", "mixed", "hallmarks"}
    table = claim_table(list(claims.values()))
    assert list(table) == ["claim", "where", "paper", "tolerance"]
    assert len(table) == 8
