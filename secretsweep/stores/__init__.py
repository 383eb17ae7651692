"""One module a secret manager."""
