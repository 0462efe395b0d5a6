"""Memories to push to and pop from, under a controller of any kind."""

from pushpop.memory.deque import DeQue
from pushpop.memory.lists import Queue, Stack

__all__ = ["DeQue", "Queue", "Stack"]
