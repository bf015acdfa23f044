"""Room: meetings of the strategic forum, their minutes and decisions."""
