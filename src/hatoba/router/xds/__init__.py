"""Serves Envoy its resources by delta ADS."""
