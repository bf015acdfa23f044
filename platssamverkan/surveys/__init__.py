"""Room: surveys of open drug scenes."""
