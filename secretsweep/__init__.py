"""Finds credentials in infrastructure repositories and removes them for good."""

__version__ = "0.1.0"
