"""Compiled kernels: whole unrolls of a controller and its memory over arrays, both ways; they know no torch."""
