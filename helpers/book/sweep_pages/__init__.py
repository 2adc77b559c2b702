"""A page a sweep, from its published table and from one made here.

- `sweep_page`: its text
- `sweep_results`: the tables, read
- `sweep_tables`: its configurations and its runs
- `sweep_figure`, `sweep_panels`: its figure
"""
