"""What a sweep's YAML file may say, as a pydantic model; the page book/sweeps.md explains it.

```yaml
notebook: 01_pancan_vae
fixed: {n_epochs: 30}                              # the same in every run
grid: {n_latent: [2, 8, 32], kl_weight: [0.5, 1]}  # every combination …
seeds: [0, 1, 2]                                   # … with every seed
maximise: classifier.accuracy.vae                  # what the sweep's page ranks by
```

Instead of `grid`: `list`, combinations one by one, or `random`, draws from distributions. With
`search: optuna` the draws are chosen by what came of the earlier ones. `quick` is a version of
seconds for tests.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from helpers import files
from helpers.runs.parameters import nearest
from helpers.runs.record import METRIC
from helpers.sweeps.located_yaml import LocatedYaml, read_yaml

Seed = Annotated[int, Field(ge=0, lt=2**32)]
Seeds = Annotated[list[Seed], Field(min_length=1)]
Pair = Annotated[list[float], Field(min_length=2, max_length=2)]
Values = Annotated[list[Any], Field(min_length=1)]
Grid = Annotated[dict[str, Values], Field(min_length=1)]
Runs = Annotated[list[dict[str, Any]], Field(min_length=1)]
Metric = Annotated[str, Field(pattern=f"^{METRIC.pattern}$")]
MAX_EXPONENT = 30
WAYS = ("grid", "list", "random")


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Distribution(_Block):
    """One of `uniform: [low, high]`, `log10_uniform: [low, high]` and `choice: [values]`.

    `log10_uniform` draws the exponent: `[-5, -2]` is 10^Uniform(-5, -2).
    """

    uniform: Pair | None = None
    log10_uniform: Pair | None = None
    choice: Values | None = None

    @model_validator(mode="after")
    def _check(self) -> "Distribution":
        if len(self.model_fields_set) != 1:
            raise ValueError("must be one of `uniform`, `log10_uniform` and `choice`")
        low, high = self.uniform or self.log10_uniform or (0, 1)
        if not low < high:
            raise ValueError("the first bound must be below the second")
        if self.log10_uniform and max(-low, high) > MAX_EXPONENT:
            raise ValueError("`log10_uniform` takes exponents: [-5, -2] is from 1.0e-5 to 0.01")
        return self


class Draws(_Block):
    """Block `random`: `n` runs, each parameter drawn from its distribution with `seed`."""

    n: Annotated[int, Field(ge=1, le=100_000)]
    parameters: Annotated[dict[str, Distribution], Field(min_length=1)]
    seed: Seed = 0


class Quick(_Block):
    """Block `quick`: what the version of seconds has other than the real one."""

    fixed: dict[str, Any] = {}
    grid: Grid | None = None
    runs: Runs | None = Field(default=None, alias="list")
    n: Annotated[int, Field(ge=1)] | None = None
    seeds: Seeds | None = None


class SweepFile(_Block):
    """A sweep as its file says it; `expansion.combinations` expands it."""

    notebook: Annotated[str, Field(min_length=1)]
    title: str = ""
    about: str = ""
    fixed: dict[str, Any] = {}
    grid: Grid | None = None
    runs: Runs | None = Field(default=None, alias="list")
    random: Draws | None = None
    seeds: Seeds | None = None
    search: Literal["optuna"] | None = None
    minimise: Metric | None = None
    maximise: Metric | None = None
    show: list[Metric] = []
    quick: Quick = Quick()

    @property
    def metric(self) -> str | None:
        """The metric that runs are ranked by."""
        return self.minimise or self.maximise

    @property
    def shown(self) -> list[str]:
        """Metrics of the sweep's page: the one it is ranked by, then those of `show`."""
        return list(dict.fromkeys([*filter(None, [self.metric]), *self.show]))

    @property
    def way(self) -> str:
        """Which of "grid", "list" and "random" the file has."""
        return "grid" if self.grid else "list" if self.runs else "random"


def read_sweep(path: str | Path) -> tuple[SweepFile, LocatedYaml]:
    """The sweep described in the YAML file at `path`, and the lines of its values.

    Raises:
        ValueError: there is no such file, it is not YAML, or a field is unknown, missing, doubled
            or of the wrong kind; file and line are named. Parameters are checked against the
            notebook later, by `plan_sweep`.
    """
    located = read_yaml(_place(path))
    try:
        sweep = SweepFile.model_validate(located.content)
    except ValidationError as error:
        _refuse_first(located, error)
    _check_ways(sweep, located)
    _check_doubles(sweep, located)
    return sweep, located


def _place(path: str | Path) -> Path:
    """`path`, or where the project has the sweep of that path or name."""
    root, given = files.content_root(), Path(path)
    named = root / "notebooks" / "sweeps" / f"{given.name.removesuffix('.yaml')}.yaml"
    is_name = given.parent == Path(".")
    places = [given, root / given, *([named] if is_name else [])]
    return next((place for place in places if place.is_file()), given)


def as_quick(sweep: SweepFile) -> SweepFile:
    """Version of `sweep` that takes seconds: its `quick` block, and the parameter quick: true."""
    quick = sweep.quick
    changes: dict[str, Any] = {"fixed": sweep.fixed | {"quick": True} | quick.fixed}
    changes |= {
        name: value
        for name in ("grid", "runs", "seeds")
        if (value := getattr(quick, name)) is not None
    }
    if quick.n is not None and sweep.random:
        changes["random"] = sweep.random.model_copy(update={"n": quick.n})
    return sweep.model_copy(update=changes)


def _refuse_first(located: LocatedYaml, error: ValidationError) -> None:
    """Refuse the file for the first thing that pydantic found, misspelt names before others."""
    first = min(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    path = first["loc"]
    field = ".".join(str(part) for part in path)
    if first["type"] == "extra_forbidden":
        names = _fields(path[:-1])
        located.refuse(
            path,
            f"unknown field `{field}`{nearest(str(path[-1]), names)}. All: {', '.join(names)}",
        )
    if first["type"] == "missing" and path == ("notebook",):
        located.refuse(path, "must name its notebook, for example `notebook: 01_pancan_vae`")
    message = first["msg"].removeprefix("Value error, ")
    if first["type"] == "string_pattern_mismatch":
        message = "a metric is written <section>.<metric>, as a run's metrics.json has it"
    got = "" if first["type"] == "missing" else f": got {first['input']!r}"
    located.refuse(path, f"`{field}`: {message[0].lower()}{message[1:]}{got}")


def _fields(path: tuple) -> list[str]:
    """Names that the block at `path` may have."""
    block: type[BaseModel] = SweepFile
    if path:
        block = {"quick": Quick, "random": Draws if len(path) == 1 else Distribution}[path[0]]
    return [info.alias or name for name, info in block.model_fields.items()]


def _check_ways(sweep: SweepFile, located: LocatedYaml) -> None:
    given = [way for way in WAYS if located.content.get(way) is not None]
    if len(given) != 1:
        path = (given[1],) if len(given) > 1 else ()
        located.refuse(path, "must have one of `grid`, `list` and `random`, and one of them only")
    if sweep.minimise and sweep.maximise:
        located.refuse(("maximise",), "must have `minimise` or `maximise`, not both")
    if sweep.search and not (sweep.random and sweep.metric):
        located.refuse(
            ("search",), "a search needs a `random` block and a metric to `minimise` or `maximise`"
        )
    other = {"grid": sweep.quick.grid, "list": sweep.quick.runs, "n": sweep.quick.n}
    own = {"grid": "grid", "list": "list", "random": "n"}[given[0]]
    for name, value in other.items():
        if value is not None and name != own:
            located.refuse(("quick", name), f"`quick.{name}` has no `{given[0]}` to change")


def _check_doubles(sweep: SweepFile, located: LocatedYaml) -> None:
    """A parameter has one place. Only an entry of `list` may change what is fixed."""
    varied = [("grid", name) for name in sweep.grid or {}]
    if sweep.random:
        varied += [("random", "parameters", name) for name in sweep.random.parameters]
    entries = [("list", i, name) for i, run in enumerate(sweep.runs or []) for name in run]
    for path in varied:
        if path[-1] in sweep.fixed:
            located.refuse(path, f"`{path[-1]}` is in `fixed` too: keep one")
    for path in [*varied, *entries, *(("fixed", name) for name in sweep.fixed)]:
        if path[-1] == "seed" and sweep.seeds:
            located.refuse(path, "`seed` is given by `seeds` too: keep one")
    for i, run in enumerate(sweep.runs or []):
        for name, kinds in (("label", str), ("paper", int | float)):
            if name in run and not isinstance(run[name], kinds):
                kind = "text" if name == "label" else "a number"
                located.refuse(("list", i, name), f"`{name}` must be {kind}: got {run[name]!r}")
    for i, seed in enumerate(sweep.seeds or []):
        if seed in sweep.seeds[:i]:
            located.refuse(("seeds", i), f"seed {seed} is given twice")
