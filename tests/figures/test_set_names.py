"""Names of gene sets become readable."""

import pytest

from helpers.figures.set_names import readable


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HALLMARK_G2M_CHECKPOINT", "G2M checkpoint"),
        ("HALLMARK_APOPTOSIS", "apoptosis"),
        ("HALLMARK_TNFA_SIGNALING_VIA_NFKB", "TNFA signaling via NFKB"),
        ("hsa-mir-21", "hsa-mir-21"),
    ],
)
def test_names_become_readable(name, expected):
    assert readable(name) == expected
