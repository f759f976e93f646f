"""Engines run dynos. ``base`` is the protocol; each driver is a folder beside it.

An engine never decides: it starts, stops and reports. What should run is control's business.
"""
