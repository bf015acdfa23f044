"""Benchmarks: what a page costs, beside the least that a page of as many bytes can cost. Run with `python -m bench`."""
