"""`python -m helpers …`: see helpers/cli.py."""

import sys

from helpers.cli import main

sys.exit(main())
