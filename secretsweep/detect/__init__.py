"""Gate, match, verdict: from bytes to findings."""
