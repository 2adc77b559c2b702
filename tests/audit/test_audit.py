"""What the audit lets pass: explained findings alone, and silence never for safety."""

from tests.audit.__main__ import ACCEPTED, explained, vulnerabilities


def finding(test, severity="LOW"):
    place = {"filename": "helpers/x.py", "line_number": 3, "issue_text": "told"}
    return {"test_id": test, "issue_severity": severity, **place}


def test_a_finding_without_a_reason_is_an_error():
    report = {"results": [finding("B404"), finding("B301"), finding("B404", "HIGH")], "errors": []}
    unexplained, counts = explained(report)
    assert counts == {"B404": 1}
    assert unexplained == ["helpers/x.py:3 B301 told", "helpers/x.py:3 B404 told"]
    report = {"results": [], "errors": [{"filename": "helpers/y.py", "reason": "syntax"}]}
    assert explained(report)[0] == ["helpers/y.py: syntax"]
    assert all(len(reason) > 20 for reason in ACCEPTED.values())


def test_a_known_vulnerability_is_an_error():
    known = {"id": "PYSEC-1", "fix_versions": ["2.0"]}
    packages = [{"name": "a", "version": "1.0", "vulns": [known]},
                {"name": "b", "version": "1", "vulns": []}]  # fmt: skip
    found = vulnerabilities({"dependencies": packages})
    assert found["vulnerable"] == ["a 1.0 has PYSEC-1, mended in 2.0"]
    assert found["said"] == "pip-audit: 2 of 2 locked packages looked up, 1 known vulnerabilities."


def test_what_could_not_be_looked_up_does_not_pass_for_clean():
    packages = [{"name": name, "skip_reason": "not found on PyPI"} for name in "ab"]
    said = vulnerabilities({"dependencies": packages})["said"]
    assert "0 of 2 locked packages looked up" in said and "It reaches no data here" in said
