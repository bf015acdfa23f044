"""Room: what now, my partnerships, calendar, search and help."""
