"""Room: organisations and units that take part."""
