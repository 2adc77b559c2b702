"""What the notebooks call, and what runs them and makes the book.

data       files and simulations to cohorts, splits, preprocessing
models     networks, losses, training; one file a model of a paper
baselines  what the papers' models are compared with
evaluate   metrics: arrays in, numbers out
figures    pictures: data and axes in, axes out
publish    one run, many runs, the book
cli, commands   python -m helpers …

Imports go one way: cli → publish → (notebooks, by path) → evaluate, figures, baselines, models,
data.
"""
