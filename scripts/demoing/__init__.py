"""What scripts/demo is made of: the contents, and git."""
