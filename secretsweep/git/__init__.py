"""git: the only package that starts git. Repository, history, content, provenance."""
