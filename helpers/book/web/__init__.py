"""Rendered pages: what is mended in them, and read of them.

- `web_page`: a page as the checks see it
- `glossary_links`: terms linked at their first use
- `html_mending`: folded sections, names for those who do not see
"""
