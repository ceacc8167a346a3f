"""Loops of transport: advection in z, fields of the other beams, and Runge-Kutta stages."""
