"""What an entry of the checklist says: its steps filled in, as text, and as data that gives it back."""
