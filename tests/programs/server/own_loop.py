"""Coroutines in tests that may run after a browser's, which leave an event loop running in their thread."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def outside(work):
    """Run a coroutine in a thread of its own and return its result."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
