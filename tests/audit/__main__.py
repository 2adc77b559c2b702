"""`make audit`: bandit over the code and pip-audit over the lock, each finding mended or explained.

Both run in an environment of their own, `build/audit/venv`. A finding of bandit must be in
`ACCEPTED` with the reason; a vulnerability that is known of a locked version is a failure. Where
pip-audit reaches no data it says that nothing is known, which is not that nothing is wrong: what
could not be looked up is counted.
"""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "build" / "audit" / "venv" / "bin"
AUDITED = ("helpers", "tests/audit", "tests/benchmarks", "tests/mutants", "tests/soak")
BANDIT = (TOOLS / "bandit", "--quiet", "--format", "json", "--exclude", "*/test_*.py")

ACCEPTED = {
    "B404": "subprocess is how git, nvidia-smi, the renderer and tests' own processes are asked",
    "B603": "lists of arguments, never through a shell; none is a stranger's text",
    "B607": "git and mount are found by the caller's PATH, as in a terminal",
    "B105": "a column called seconds is no password",
    "B311": "random numbers of experiments are to be repeated, not to be secret",
}
"""Test of bandit → why its findings stand. All are of low severity; others are failures."""


def main() -> int:
    """Exit code 0 if every finding is explained and no locked version is known to be vulnerable."""
    code = _report([*BANDIT, "--recursive", *AUDITED])
    unexplained, counts = explained(code)
    print(f"bandit: {sum(counts.values())} findings explained: {dict(sorted(counts.items()))}")
    for test, reason in ACCEPTED.items():
        if counts[test]:
            print(f"  {test}: {reason}")
    lock = [TOOLS / "pip-audit", "--requirement", "requirements.lock", "--no-deps"]
    found = vulnerabilities(_report([*lock, "--disable-pip", "--format", "json"]))
    print(found["said"])
    for line in [*unexplained, *found["vulnerable"]]:
        print(f"error: {line}", file=sys.stderr)
    return int(bool(unexplained or found["vulnerable"]))


def explained(report: dict[str, Any]) -> tuple[list[str], Counter]:
    """(findings of bandit that nobody explained, explained ones by test)."""
    unexplained, counts = [], Counter()
    for found in report["results"]:
        if found["test_id"] in ACCEPTED and found["issue_severity"] == "LOW":
            counts[found["test_id"]] += 1
        else:
            place = f"{found['filename']}:{found['line_number']}"
            unexplained.append(f"{place} {found['test_id']} {found['issue_text']}")
    unexplained += [f"{error['filename']}: {error['reason']}" for error in report["errors"]]
    return unexplained, counts


def vulnerabilities(report: dict[str, Any]) -> dict[str, Any]:
    """`vulnerable`: a line a known vulnerability; `said`: how many were looked up, in a line."""
    packages = report["dependencies"]
    skipped = [one for one in packages if "skip_reason" in one]
    vulnerable = [
        f"{one['name']} {one['version']} has {known['id']}, mended in "
        f"{', '.join(known['fix_versions']) or 'no version'}"
        for one in packages
        for known in one.get("vulns", ())
    ]
    said = f"pip-audit: {len(packages) - len(skipped)} of {len(packages)} locked packages looked up"
    said += f", {len(vulnerable)} known vulnerabilities."
    if skipped:
        said += f" {len(skipped)} could not be: {skipped[0]['skip_reason']} …"
    if skipped and len(skipped) == len(packages):
        said += (
            "\n  It reaches no data here, so nothing is known of any. With a network that reaches "
            "the package index: make audit"
        )
    return {"vulnerable": vulnerable, "said": said}


def _report(command: list[Path | str]) -> dict[str, Any]:
    """What a tool writes as JSON; both end with 1 where they find something."""
    done = subprocess.run([*map(str, command)], cwd=ROOT, capture_output=True, text=True)
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError:
        last = (done.stderr.strip().splitlines() or ["nothing"])[-1]
        raise SystemExit(f"error: {Path(command[0]).name} gave no report: {last}") from None


if __name__ == "__main__":
    sys.exit(main())
