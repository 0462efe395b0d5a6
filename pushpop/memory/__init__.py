"""Memories to push to and pop from, under a controller of any kind."""

from pushpop.memory.deque import DeQue
from pushpop.memory.lists import Queue, Stack
from pushpop.memory.superposition import Superposition

__all__ = ["DeQue", "Queue", "Stack", "Superposition"]
