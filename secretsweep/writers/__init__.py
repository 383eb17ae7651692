"""One module a format: how a reference is written there."""
