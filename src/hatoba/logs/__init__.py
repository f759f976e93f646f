"""A logplex of one node: takes lines in, keeps the recent ones, feeds tails.

Lines are kept as text in Heroku's format. A slow reader never slows a writer.
"""
