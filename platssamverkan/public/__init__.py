"""Room: the public page of a place."""
