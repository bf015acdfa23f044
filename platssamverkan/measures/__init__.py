"""Room: problems, causes, measures, follow-ups and what keeps the result."""
