"""From notebooks to run folders to the book.

Runs:
parameters  what a notebook may be given, checked before anything starts
identity    the id of a run: a digest of all that decides its numbers
plans       one run, checked and named, not yet executed
inputs      the files that runs read, fetched before the first starts
runs        executes a plan into its folder, whole or not at all
kernel      the process that executes a notebook, watched cell by cell
folders     folders that appear in one step, whoever is killed or started twice
record      what a notebook reports: metrics, tables, figures, weights, cohort
provenance  on what, with what and from which commit a run was made
sweeps      many runs of one notebook, one table (sweep_file, sweep_runs, sweep_machine, sweep_pool,
            sweep_worker, sweep_progress, sweep_table, search; located_yaml, ranges)

Book: `book` takes the runs named in book/runs.toml (contents, dataset, finished), lays them out
with the prose (staging, notebook_page, pages, data_page, and for sweeps sweep_page, sweep_results,
sweep_figure), renders and checks (render, checks, web_page); labels and readable say how it writes
labels, numbers and tables.
"""
