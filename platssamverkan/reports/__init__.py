"""Room: documents put together from the other rooms."""
