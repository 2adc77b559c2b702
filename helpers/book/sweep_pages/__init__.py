"""A page a sweep, from its published table and from one made here.

- `sweep_page`: its text and tables
- `sweep_results`: the tables, read
- `sweep_figure`, `sweep_panels`: its figure
"""
