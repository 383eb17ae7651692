"""What scripts/bench is made of: the tools, measuring them, a synthetic repository, the table."""
