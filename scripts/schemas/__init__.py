"""Schemas of Terraform's providers, for what is shipped and for what the tests serve."""
