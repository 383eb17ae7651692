"""The use case `purge`: what to take out of a history, a rehearsal of it, the proof, and what to tell people."""
