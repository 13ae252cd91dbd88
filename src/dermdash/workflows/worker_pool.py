"""Workers for what takes long per image: processes from the command line, threads inside the app."""

import multiprocessing
import os
import signal
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor


def worker_pool(workers: int, *, processes: bool) -> Executor:
    """Return a pool of started worker processes, or of threads where a process must not be spawned.

    A spawned process runs the main module again, which inside the app is Streamlit: the app uses threads.
    """
    if not processes:
        return ThreadPoolExecutor(workers)
    # Spawned, not forked: a fork would copy DuckDB's threads and locks in whatever state they are.
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    # Ctrl-C is for the main process, which lets the chunks under way finish. The workers inherit that it is
    # blocked from their first instruction on; here it arrives as soon as they are started.
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        # The pool starts a worker for each task that finds none idle: so many tasks start them all, here.
        for _ in range(workers):
            pool.submit(os.getpid)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
    return pool
