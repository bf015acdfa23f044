"""Room: demo data and synthetic data for benchmarks."""
