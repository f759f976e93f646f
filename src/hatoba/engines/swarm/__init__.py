"""Dynos as containers of a Docker Engine, each app on a network of its own.

Docker makes containers, images and networks; the runner of ``engines.node`` owns their pipes.
"""
