"""Circuits on qnu's own engine and on Qiskit Aer, and Qiskit's two primitives."""
