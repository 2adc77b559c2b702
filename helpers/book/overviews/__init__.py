"""Pages over all runs: what came out, and how it compares.

- `claim_rows`: a paper's claims as a run judged them
- `results_page`: every claim in a table
- `questions`: what chapters ask, what is asked across them
- `across_papers`: sentences over several papers
- `first_page`: cards, cost
- `beside_published`: a reader's runs beside the published ones
- `readme_verdicts`: the table of the README
"""
