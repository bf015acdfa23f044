"""Floor 0: mechanisms that every room uses. No words of the field here."""
