"""Workers for what takes long per image: processes from the command line, threads inside the app.

A worker process ends with the process that started it, however that one ended: killed, it can tell nobody.
"""

import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.connection import wait


def worker_pool(workers: int, *, processes: bool) -> Executor:
    """Return a pool of started worker processes, or of threads where a process must not be spawned.

    A spawned process runs the main module again, which inside the app is Streamlit: the app uses threads.
    """
    if not processes:
        return ThreadPoolExecutor(workers)
    # Spawned, not forked: a fork would copy DuckDB's threads and locks in whatever state they are.
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=end_with_parent)
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


def end_with_parent() -> None:
    """Let this worker process end as soon as its parent has: it would wait for work for ever.

    The parent holds the other end of a pipe, which the system closes for it. What is written meanwhile is written
    whole or not at all (`whole_files`).
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="end with parent", daemon=True).start()
