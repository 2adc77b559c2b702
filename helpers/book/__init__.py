"""Runs and prose → pages, in the order in which `make book` goes.

- `build`: the order of it all
- `contents`, `dataset`: which runs, on which data
- `missing_runs`, `forecast`: those that are not there, made beside each other
- `finished`: what a run left behind
- `chapter_pages`: an executed notebook as a page
- `overviews`: pages over all runs
- `pages`, `chapters`, `data_page`, `check_counts`: the other generated parts of the prose pages
- `sweep_pages`: a page a sweep
- `interactive`: figures that can be looked at closer
- `staging`, `source_links`, `render`: laid out, with links to the sources, rendered
- `web`: rendered pages, mended and read
- `gates`: what must hold of the rendered book
"""
