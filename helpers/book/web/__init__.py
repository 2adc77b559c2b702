"""Rendered pages: what is mended in them, and read of them.

- `web_page`: a page as the checks see it
- `html_mending`: folded sections, names for those who do not see
"""
