"""An executed notebook as a page of the book: the answer first, the rest in order below it.

- `notebook_page`: the page, cell by cell
- `opening`: question, answer, verdicts and picture at its top
- `run_cards`: on which data and machine, and the commands that make the page again
- `run_sentences`: what the run itself says at its end
- `output_tables`, `table_heads`: printed tables, readable
- `figure_numbers`: figures counted by chapter
- `labels`: unique in the whole book
"""
