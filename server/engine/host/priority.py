"""What others leave of the processors."""

from __future__ import annotations

import os
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")


def times() -> tuple[int, int]:
    """Return ticks since the machine's start: what all processors have worked at the usual priority, and all there
    were.
    """
    with open("/proc/stat", encoding="ascii") as file:
        # proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal. What is nice gives way itself.
        user, nice, system, idle, waiting, *others = map(int, file.readline().split()[1:9])
    used = user + system + sum(others)
    return used, used + nice + idle + waiting


BEGUN = times()


def has_spare_cpu() -> bool:
    """Tell whether others have left at least a third of the processors since this program began."""
    used, there = (now - then for now, then in zip(times(), BEGUN))
    return used * 3 < there * 2


def at_idle_priority(work: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Call `work`, and all programs that it starts, with what others leave of the processors where that is something.

    The kernel lets each visitor go before it at once, and to a processor that does nothing else. With a lower priority
    alone it keeps its processor, and visitors share the others. What `work` returns or raises goes to the caller.
    """
    if not has_spare_cpu():
        return work(*arguments, **options)
    outcome: dict[str, Any] = {}

    # A thread that gets only this can end; a process could not take its own priority back.
    def lowered() -> None:
        os.sched_setscheduler(threading.get_native_id(), os.SCHED_IDLE, os.sched_param(0))
        try:
            outcome["returned"] = work(*arguments, **options)
        except BaseException as error:
            outcome["raised"] = error

    thread = threading.Thread(target=lowered)
    thread.start()
    thread.join()
    if "raised" in outcome:
        raise outcome["raised"]
    return outcome["returned"]
