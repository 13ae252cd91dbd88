"""Workers for what takes long per image: processes, or threads for what is done sooner than a process starts.

Threads of the app take the interpreter from whoever reads or opens a page; processes at a low priority leave it to
them. A worker process ends with the process that started it, however that one ended: killed, it can tell nobody.
"""

import ctypes
import multiprocessing
import os
import signal
import threading
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.context import BaseContext

_WORKERS = (
    "dermdash.dataset.synthetic.demo_dataset",
    "dermdash.workflows.dataset.import_worker",
    "dermdash.workflows.dataset.acquisition_worker",
    "dermdash.workflows.dataset.text_worker",
    "dermdash.workflows.lesion_identity.same_lesion_worker",
)
"""What workers do: modules that import no database."""
_FEW = 500
"""Images or pairs that threads of the app have done before worker processes would have begun."""
_NICE = 10
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
"""Of glibc's `mallopt`."""
_KEPT_BYTES = 32 << 20
_give_way = False


def workers_give_way() -> None:
    """From now on worker processes get a core only where nobody else wants it: who waits at a page comes first."""
    global _give_way
    _give_way = True


def worth_processes(processes: bool | None, items: int) -> bool:
    """Whether worker processes do so many items; ``processes`` None: as many as are worth it, as the app has it."""
    return items > _FEW if processes is None else processes


def worth_processes_if_allowed(processes: bool | None, items: int) -> bool:
    """The same where ``processes`` True only allows them: of many stages some have few items."""
    return processes is not False and worth_processes(None, items)


def worker_pool(workers: int, *, processes: bool) -> Executor:
    """Return a pool of started worker processes, or of threads.

    A worker process runs the main module again, as ``__mp_main__``: `app.py` does nothing then.
    """
    if not processes:
        return ThreadPoolExecutor(workers)
    pool = ProcessPoolExecutor(
        workers, mp_context=_context(), initializer=_begin, initargs=(dict(os.environ), _give_way)
    )
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


def _context() -> BaseContext:
    """How workers are started: never forked from here, which would copy DuckDB's threads and locks as they are.

    A process beside this one, which knows neither, imports once what workers need and forks them: each then starts in
    milliseconds instead of seconds. Where that does not exist (Windows), each is spawned.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    beside = multiprocessing.get_context("forkserver")
    beside.set_forkserver_preload(["__main__", *_WORKERS])
    return beside


def _begin(environment: dict[str, str], give_way: bool) -> None:
    """What each worker does first. The process that forks it may be older than what this one was told since."""
    os.environ.clear()
    os.environ.update(environment)
    _keep_memory()
    if give_way:
        with suppress(OSError, AttributeError):  # a system that does not grant it, or knows no such priority
            os.nice(_NICE)
    end_with_parent()


def _keep_memory() -> None:
    """Let the C library keep what was freed: pictures come and go, and a page that the system gives anew costs as much
    as working on it. A worker ends with its work, and gives all of it back then.
    """
    with suppress(OSError, AttributeError):  # where the C library is another one
        mallopt = ctypes.CDLL(None).mallopt
        for parameter in (_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_TOP_PAD):
            mallopt(parameter, _KEPT_BYTES)


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
