"""Room: goals, indicators, observations and assessments."""
