"""``python -m promptwire``: the same as the ``promptwire`` command."""

import sys

from promptwire.cli import main

sys.exit(main())
