"""Hatoba: a Heroku that you own."""
