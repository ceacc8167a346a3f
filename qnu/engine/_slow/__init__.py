"""Slow, obvious twins of the kernels, against which the fast ones are tested."""
