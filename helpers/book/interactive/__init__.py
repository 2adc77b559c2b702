"""Figures that can be looked at closer: drawn in the browser from what a run recorded.

The picture stays on the page, for print and for browsers without scripts; the drawing takes its
place when the reader asks for it, and only then is the library loaded, from the book itself.

- `placing`: which cells of a page have one, and where their data go
- `sweep_place`: the same for the page of a sweep
- `packed_columns`: a table as little and inert JSON
- `maps`, `flows`, `volcanoes`, `line_finder`, `parallel_axes`: what each kind of drawing needs
- `library`: Bokeh's scripts out of its Python package

The scripts that draw stand in book/_static/interactive/, one a kind.
"""
