"""tbd"""

PITFALLS = ()
