"""Networks with memories they push to and pop from: train on short inputs, work on far longer ones."""

__version__ = "0.1.0"
