"""Room: the places."""
