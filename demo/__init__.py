"""The demo: what `make demo` shows, and the picture in the README."""
