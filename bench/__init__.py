"""Benchmarks: each a ratio against something measured in the same run, printed as a table."""
