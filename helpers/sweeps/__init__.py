"""Many runs of one notebook, in the order in which they are made.

- `file`, `located_yaml`: the YAML file, its refusals with their line
- `expansion`, `search`: its runs, drawn beforehand or guided by Optuna
- `machine`, `pool`, `worker`: shared among Dask workers
- `progress`, `table`: what is printed, and what is left
- `sweep`: the order of it all
"""
