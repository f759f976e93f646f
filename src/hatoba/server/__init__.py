"""hatobad: wires everything together and runs it. The only place that names concrete drivers."""

from hatoba.server.daemon import main

__all__ = ["main"]
