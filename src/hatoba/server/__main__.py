"""``python -m hatoba.server`` is hatobad."""

from hatoba.server.daemon import main

main()
