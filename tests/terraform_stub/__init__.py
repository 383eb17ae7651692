"""A Terraform provider that speaks the real protocol with the real providers' names and types, and keeps a log."""
