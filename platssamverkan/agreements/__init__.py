"""Room: agreements, their parties and commitments."""
