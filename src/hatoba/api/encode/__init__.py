"""From the model to the wire shapes: pure functions."""
