"""Rendered pages: what is mended in them, and read of them.

- `web_page`: a page as the checks see it
- `formulas`: drawn when the book is rendered
- `pictures`: smaller files of the same pixels
- `glossary_links`: terms linked at their first use
- `captions`: one for all that a cell shows
- `html_mending`: folded sections, names for those who do not see
"""
