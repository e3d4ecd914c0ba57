"""What others leave of the processors."""


def times():
    """Ticks since the machine's start: what all processors have worked at the usual priority, and all there were."""
    with open("/proc/stat", encoding="ascii") as file:
        # proc_stat(5): user, nice, system, idle, iowait, irq, softirq, steal. What is nice gives way itself.
        user, nice, system, idle, waiting, *others = map(int, file.readline().split()[1:9])
    used = user + system + sum(others)
    return used, used + nice + idle + waiting


BEGUN = times()


def some_are_left():
    """Whether others have left at least a third of the processors since this program began."""
    used, there = (now - then for now, then in zip(times(), BEGUN))
    return used * 3 < there * 2
