"""Slow, obvious twins of the kernels: what the fast ones are tested against."""
