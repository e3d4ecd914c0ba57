"""Idle priority: work that takes only the CPU time that others leave."""

from __future__ import annotations

import os
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")


def times() -> tuple[int, int]:
    """Return ticks since the machine's start: those worked at the usual priority on all CPUs, and all."""
    with open("/proc/stat", encoding="ascii") as file:
        # proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal. Work at `nice` gives way by itself.
        user, nice, system, idle, waiting, *others = map(int, file.readline().split()[1:9])
    used = user + system + sum(others)
    return used, used + nice + idle + waiting


BEGUN = times()


def has_spare_cpu() -> bool:
    """Tell whether others have left at least a third of the CPU time since this program began."""
    used, there = (now - then for now, then in zip(times(), BEGUN))
    return used * 3 < there * 2


def at_idle_priority(work: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """Run `work`, and all programs that it starts, under SCHED_IDLE, unless the CPUs are busy already.

    A visitor's process goes before it at once. A lower `nice` alone would let it keep its CPU, and visitors would share
    the others (bench/notes/latency.md). Return or raise what `work` does.
    """
    if not has_spare_cpu():
        return work(*arguments, **options)
    outcome: dict[str, Any] = {}

    # In a thread, because a process could not raise its own priority again. It only runs other programs.
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
