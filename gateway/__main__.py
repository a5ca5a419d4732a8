"""`python -m gateway` is the console script `estate`."""

from gateway.cli import main

main()
