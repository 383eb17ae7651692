"""Rules as data: read patterns/*.yaml, check a rule against its own examples."""
