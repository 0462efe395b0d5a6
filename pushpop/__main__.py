"""`python -m pushpop` is the program `pushpop`."""

import sys

from pushpop.cli.app import main

sys.exit(main())
