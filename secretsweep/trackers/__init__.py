"""One module a place where the rotation checklist can live."""
