"""Use cases: what a command does, without a terminal."""
