"""An engine in memory for tests, with variants that misbehave."""
