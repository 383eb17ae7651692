"""The use case `remediate`: values go to a store, files refer to them. Planned first, then applied as a whole."""
