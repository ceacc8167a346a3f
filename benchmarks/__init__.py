"""Measured speed of qnu: ``python -m benchmarks`` (or ``make bench``)."""
