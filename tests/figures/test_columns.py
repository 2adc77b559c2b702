import pandas as pd
import pytest

from helpers.figures.columns import need_columns


def test_a_table_with_all_columns_and_more_passes():
    need_columns(pd.DataFrame(columns=["a", "b", "c"]), {"a", "c"})
    need_columns(pd.DataFrame(), set())


def test_what_is_missing_and_what_there_is_are_named():
    with pytest.raises(ValueError, match=r"lacks the columns \['b', 'd'\]; it has \['a'\]"):
        need_columns(pd.DataFrame({"a": [1]}), {"d", "a", "b"})
