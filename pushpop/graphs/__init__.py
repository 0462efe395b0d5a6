"""Nets on graphs: layers, rounds of messages, and the memories of `pushpop.memory` under them."""
