"""Compiled kernels: whole unrolls of a controller and its memory over arrays, forward and backward; they know no torch."""
