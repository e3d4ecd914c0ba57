"""What others leave of the processors."""

import os
import threading


def times():
    """Ticks since the machine's start: what all processors have worked at the usual priority, and all there were."""
    with open("/proc/stat", encoding="ascii") as file:
        # proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal. What is nice gives way itself.
        user, nice, system, idle, waiting, *others = map(int, file.readline().split()[1:9])
    used = user + system + sum(others)
    return used, used + nice + idle + waiting


BEGUN = times()


def has_spare_cpu():
    """Whether others have left at least a third of the processors since this program began."""
    used, there = (now - then for now, then in zip(times(), BEGUN))
    return used * 3 < there * 2


def at_idle_priority(work, *arguments, **options):
    """Call `work`, and all programs that it starts, with what others leave of the processors where that is something.

    The kernel lets each visitor go before it at once, and to a processor that does nothing else. With a lower priority
    alone it keeps its processor, and visitors share the others. What `work` returns or raises goes to the caller.
    """
    if not has_spare_cpu():
        return work(*arguments, **options)
    outcome = {}

    # A thread that gets only this can end; a process could not take its own priority back.
    def lowered():
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
