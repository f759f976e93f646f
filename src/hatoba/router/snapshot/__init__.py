"""Turns routes into xDS resources. Pure: no I/O, no clock, no state."""
