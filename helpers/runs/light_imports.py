"""papermill and nbformat without the half of their import that nobody here needs."""

import sys


def skip_address_grammar() -> None:
    """Let jsonschema do without its grammar of internet addresses, in this process.

    It is compiled at every import (0.8 of nbformat's 0.9 s) to check addresses in notebooks, whose
    schema has none. To be called before nbformat is imported; later it changes nothing.
    """
    sys.modules.setdefault("rfc3987_syntax", None)
