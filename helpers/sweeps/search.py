"""A guided search: Optuna proposes what to run next from what came of the runs before.

The study is an SQLite file, results/sweeps/<name>.db, so that a search resumes where it was stopped
and two processes may work on one. It holds a study for each state of the file and the code; a
changed one starts anew, except that a larger `n` goes on.
"""

import hashlib
import json
import statistics
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from helpers.processes import is_alive, this_process
from helpers.sweeps.expansion import Combination, Planner, Sweep, SweepRun, draw_places
from helpers.sweeps.file import Distribution
from helpers.sweeps.progress import metric_missing
from helpers.sweeps.table import table_path

REQUEUED, MAKER = "requeued", "maker"  # notes on a trial


class Given:
    """Runs that are known from the start."""

    def __init__(self, runs: Sequence[SweepRun]) -> None:
        """`runs` in the order in which they are made."""
        self._waiting = deque(runs)

    def take(self) -> SweepRun | None:
        """The next run; None when there is none."""
        return self._waiting.popleft() if self._waiting else None

    def tell(self, run: SweepRun, row: Mapping[str, Any]) -> None:
        """A run ended; nothing follows from it."""


class Search:
    """Runs that Optuna proposes, one trial after the other; a trial is one run a seed."""

    def __init__(self, sweep: Sweep, planner: Planner, results: Path) -> None:
        """The study of `sweep`, continued where it was left."""
        self.sweep, self.planner = sweep, planner
        self.study = _open_study(sweep, planner, table_path(sweep, results).with_suffix(".db"))
        self._waiting: deque[SweepRun] = deque()
        self._values: dict[int, list[float | None]] = {}
        self._sizes: dict[int, int] = {}
        self._requeue_lost()

    def earlier(self) -> list[SweepRun]:
        """Runs of the trials that have ended, for the table."""
        ended = [trial for trial in self._trials() if trial.state.is_finished()]
        return [run for trial in ended for run in self._runs(trial.number, trial.params)]

    def take(self) -> SweepRun | None:
        """The next run: of a trial under way, or the first of a new one; None when n are taken."""
        if not self._waiting and len(self._trials()) < self.sweep.file.random.n:
            trial = self.study.ask(_distributions(self.sweep))
            trial.set_user_attr(MAKER, this_process())
            runs = self._runs(trial.number, trial.params)
            self._values[trial.number], self._sizes[trial.number] = [], len(runs)
            self._waiting.extend(runs)
        return self._waiting.popleft() if self._waiting else None

    def tell(self, run: SweepRun, row: Mapping[str, Any]) -> None:
        """A run ended; with the last of its trial, Optuna is told the mean over seeds.

        Raises: ValueError when a finished run has not the metric that is searched for.
        """
        import optuna

        metric, values = self.sweep.file.metric, self._values[run.trial]
        if row["status"] == "finished" and metric not in row:
            raise ValueError(metric_missing(metric, row))
        values.append(row[metric] if row["status"] == "finished" else None)
        if len(values) == self._sizes[run.trial]:
            is_whole = None not in values
            self.study.tell(
                run.trial,
                statistics.mean(values) if is_whole else None,
                # Pruned rather than failed, which Optuna would not learn from.
                state=None if is_whole else optuna.trial.TrialState.PRUNED,
                skip_if_finished=True,
            )

    def _trials(self) -> list[Any]:
        """Trials that count: ended ones and those being made, by whatever process."""
        from optuna.trial import TrialState

        trials = self.study.get_trials(deepcopy=False)
        return [
            trial
            for trial in trials
            if trial.state != TrialState.WAITING and REQUEUED not in trial.user_attrs
        ]

    def _runs(self, number: int, drawn: Mapping[str, int | float]) -> list[SweepRun]:
        file = self.sweep.file
        values = {name: _value(file.random.parameters[name], v) for name, v in drawn.items()}
        values = {name: values[name] for name in file.random.parameters}
        seeds = [{"seed": seed} for seed in file.seeds] if file.seeds else [{}]
        wanted = [Combination(file.fixed | values | seed, draw_places(file)) for seed in seeds]
        return [replace(run, trial=number) for run in self.planner.plan(wanted)]

    def _requeue_lost(self) -> None:
        """Trials of processes that died are asked for again, with the same parameters."""
        from optuna.trial import TrialState

        for trial in self.study.get_trials(deepcopy=False, states=[TrialState.RUNNING]):
            if not is_alive(trial.user_attrs.get(MAKER, "")):
                storage = self.study._storage  # a frozen trial cannot be annotated otherwise
                storage.set_trial_user_attr(trial._trial_id, REQUEUED, True)
                self.study.tell(trial.number, state=TrialState.FAIL, skip_if_finished=True)
                self.study.enqueue_trial(trial.params)


def _open_study(sweep: Sweep, planner: Planner, path: Path) -> Any:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    path.parent.mkdir(parents=True, exist_ok=True)
    file, storage = sweep.file, f"sqlite:///{path.resolve()}"
    name = _study_name(sweep, planner)
    n_trials = {study.study_name: study.n_trials for study in _summaries(storage)}
    # With the same seed a resumed study would draw its first trials once more.
    sampler = optuna.samplers.TPESampler(seed=file.random.seed + n_trials.get(name, 0))
    return optuna.create_study(
        study_name=name,
        storage=storage,
        sampler=sampler,
        direction="minimize" if file.minimise else "maximize",
        load_if_exists=True,
    )


def _summaries(storage: str) -> list[Any]:
    import optuna

    return optuna.study.get_all_study_summaries(storage, include_best_trial=False)


def _study_name(sweep: Sweep, planner: Planner) -> str:
    """The sweep's name with a digest of all that decides what a trial's value is."""
    file = sweep.file
    (base,) = planner.plan([Combination(file.fixed)])
    content = {
        "code": base.run_id,
        "drawn": {name: d.model_dump() for name, d in file.random.parameters.items()},
        "seeds": file.seeds,
        "metric": [file.minimise, file.maximise],
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
    return f"{sweep.name}-{digest}"


def _distributions(sweep: Sweep) -> dict[str, Any]:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    distributions = {}
    for name, one in sweep.file.random.parameters.items():
        if one.choice:  # by position: a value may be a list, which Optuna cannot keep
            distributions[name] = CategoricalDistribution(tuple(range(len(one.choice))))
        elif one.log10_uniform:
            low, high = (10.0**end for end in one.log10_uniform)
            distributions[name] = FloatDistribution(low, high, log=True)
        else:
            distributions[name] = FloatDistribution(*one.uniform)
    return distributions


def _value(distribution: Distribution, proposed: int | float) -> Any:
    return distribution.choice[int(proposed)] if distribution.choice else float(proposed)
