"""A sweep's file → its runs, every one checked against the notebook before the first starts."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from helpers.runs.identity import run_id
from helpers.runs.parameters import Parameter, check_parameters, notebook_parameters
from helpers.runs.plans import Plan, check_plan, find_notebook, is_cohort, plan_run
from helpers.sweeps.file import Distribution, SweepFile, as_quick, read_sweep
from helpers.sweeps.located_yaml import LocatedYaml

LABEL, PAPER = "label", "paper"  # in an entry of `list`, for its page; no parameters


@dataclass(frozen=True)
class Sweep:
    """A sweep's name (its file's) and what the file says."""

    name: str
    file: SweepFile
    located: LocatedYaml
    is_quick: bool = False


@dataclass(frozen=True)
class Combination:
    """Parameters of one run as the file gives them, and where in the file each stands."""

    parameters: dict[str, Any]
    places: dict[str, tuple] = field(default_factory=dict)
    label: str = ""
    paper: float | None = None


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep, ready to start."""

    plan: Plan
    label: str = ""
    paper: float | None = None  # what the paper has for it
    trial: int | None = None  # number in a search

    @property
    def run_id(self) -> str:
        """The plan's."""
        return self.plan.run_id


def load_sweep(path: str | Path, *, quick: bool = False) -> Sweep:
    """Sweep described in the YAML file at `path`; `quick`: its version of seconds.

    Raises:
        ValueError: the file is refused, see `read_sweep`.
    """
    file, located = read_sweep(path)
    name = Path(path).stem
    return Sweep(name, as_quick(file) if quick else file, located, quick)


def plan_sweep(
    sweep: Sweep, *, results: str | Path | None = None, elsewhere: bool = False
) -> list[SweepRun]:
    """Every run of `sweep`, checked; a run described twice is there once.

    For a search these are the runs it would make if nothing were learnt on the way.

    Raises:
        ValueError: a parameter is unknown, of the wrong type or out of its range, or a run would be
            refused (see `plan_run`); file and line are named.
    """
    planner = Planner(sweep, results, elsewhere)
    planner.check_ends()
    return planner.plan(combinations(sweep.file))


class Planner:
    """Plans runs of one sweep; the data they share are checked once."""

    def __init__(
        self, sweep: Sweep, results: str | Path | None = None, elsewhere: bool = False
    ) -> None:
        """`results` is the project's results/ unless given; `elsewhere` as `plan_run`.

        Raises: ValueError for an unknown notebook.
        """
        self.sweep, self.results, self.elsewhere = sweep, results, elsewhere
        self._like: dict[tuple, Plan] = {}
        self._checked: set[tuple] = set()
        try:
            self.notebook = find_notebook(sweep.file.notebook)
        except ValueError as error:
            sweep.located.refuse(("notebook",), str(error))
        self.parameters = notebook_parameters(self.notebook)

    def plan(self, wanted: Sequence[Combination]) -> list[SweepRun]:
        """A run for each combination, those that are the same run once; see `plan_sweep`."""
        for combination in wanted:
            self._check(combination)
        runs = (SweepRun(self._plan(one), one.label, one.paper) for one in wanted)
        return list({run.run_id: run for run in reversed(list(runs))}.values())[::-1]

    def check_ends(self) -> None:
        """Refuse distributions of which a draw might be refused, whichever were drawn.

        What a search will draw is not known: each end is planned beside what is fixed, unless the
        data are drawn too, by which an end may be right or wrong.
        """
        file = self.sweep.file
        drawn = file.random.parameters if file.random else {}
        plans_ends = bool(file.search) and not any(map(is_data, drawn))
        places = {name: ("fixed", name) for name in file.fixed} | draw_places(file)
        for name, one in drawn.items():
            ends = one.choice or one.uniform or [10.0**end for end in one.log10_uniform or []]
            for end in ends:
                self._check(Combination({name: end}, places))
                if plans_ends:
                    self._plan(Combination(file.fixed | {name: end}, places))

    def _check(self, combination: Combination) -> None:
        """Every value on its own, so that its own line is named."""
        for name, value in combination.parameters.items():
            place = combination.places.get(name, ())
            if (place, repr(value)) in self._checked:
                continue
            self._checked.add((place, repr(value)))
            try:
                check_parameters({name: value}, self.parameters, self.notebook.stem)
            except ValueError as error:
                self.sweep.located.refuse(place, str(error))

    def _plan(self, combination: Combination) -> Plan:
        """As `plan_run`, which reads the data files, once for all runs on the same data."""
        given = combination.parameters
        data = {name: value for name, value in given.items() if is_data(name)}
        key = tuple(sorted(data.items()))
        try:
            if key not in self._like:
                self._like[key] = plan_run(
                    self.notebook, given, results=self.results, elsewhere=self.elsewhere
                )
            plan = _plan_like(self._like[key], given, self.parameters)
            check_plan(plan, self.elsewhere)
            return plan
        except ValueError as error:
            self.sweep.located.refuse(self._guilty(combination, str(error)), str(error))

    def _guilty(self, combination: Combination, message: str) -> tuple:
        """Place of the parameter that an error's text names by its name or its value."""
        for name, place in combination.places.items():
            value = combination.parameters[name]
            if f"`{name}`" in message or (is_data(name) and str(value) in message):
                return place
        return ()


def is_data(name: str) -> bool:
    """Whether a parameter names data, which `plan_run` reads to check it."""
    return is_cohort(name) or name.endswith("_panel")


def _plan_like(plan: Plan, given: Mapping[str, Any], parameters: Sequence[Parameter]) -> Plan:
    """Plan of the parameters `given`, whose data are those of `plan`."""
    resolved = check_parameters(given, parameters, plan.notebook.stem)
    if resolved.pop("out_dir", ""):
        raise ValueError("`out_dir` is set by the run itself: leave it out")
    resolved |= {name: value for name, value in plan.parameters.items() if is_data(name)}
    own_id = run_id(plan.notebook, resolved, plan.inputs, plan.cohort_code)
    return replace(plan, parameters=resolved, run_id=own_id)


def combinations(file: SweepFile) -> list[Combination]:
    """What `file` asks for, run by run, seeds innermost."""
    ways = {"grid": _grid, "list": _list, "random": _random}
    seeds = [({}, {})]
    if file.seeds:
        seeds = [({"seed": s}, {"seed": ("seeds", i)}) for i, s in enumerate(file.seeds)]
    fixed = {name: ("fixed", name) for name in file.fixed}
    return [
        Combination(
            file.fixed | one.parameters | seed,
            fixed | one.places | seed_place,
            one.label,
            one.paper,
        )
        for one in ways[file.way](file)
        for seed, seed_place in seeds
    ]


def _grid(file: SweepFile) -> Iterator[Combination]:
    grid = file.grid or {}
    for chosen in itertools.product(*(enumerate(values) for values in grid.values())):
        pairs = list(zip(grid, chosen, strict=True))
        places = {name: ("grid", name, i) for name, (i, _) in pairs}
        yield Combination({name: value for name, (_, value) in pairs}, places)


def _list(file: SweepFile) -> Iterator[Combination]:
    for i, entry in enumerate(file.runs or []):
        given = {name: value for name, value in entry.items() if name not in (LABEL, PAPER)}
        places = {name: ("list", i, name) for name in given}
        yield Combination(given, places, entry.get(LABEL, ""), entry.get(PAPER))


def _random(file: SweepFile) -> Iterator[Combination]:
    """Draws run by run, so that a larger `n` continues what a smaller one began."""
    if file.random is None:
        return
    rng = np.random.default_rng(file.random.seed)
    distributions = file.random.parameters
    for _ in range(file.random.n):
        drawn = {name: draw(one, rng) for name, one in distributions.items()}
        yield Combination(drawn, draw_places(file))


def draw_places(file: SweepFile) -> dict[str, tuple]:
    """Where in the file the distribution of each drawn parameter stands."""
    names = file.random.parameters if file.random else {}
    return {name: ("random", "parameters", name) for name in names}


def draw(distribution: Distribution, rng: np.random.Generator) -> Any:
    """One value of `distribution`."""
    if distribution.choice:
        return distribution.choice[rng.integers(len(distribution.choice))]
    if distribution.log10_uniform:
        return float(10 ** rng.uniform(*distribution.log10_uniform))
    return float(rng.uniform(*distribution.uniform))
