// The person who pushes has a machine of their own; here it is the one that is measured.

/** Gives way to every other process: the session's share of the processors is the least, and it waits for idle ones. */
const giveWay = 'echo 19 >/proc/self/autogroup; exec chrt --idle 0 "$@"';

/** The words before a command that have it run with what all else leaves over, as if it ran on another machine. */
export const elsewhere = ["setsid", "--wait", "sh", "-c", giveWay, "elsewhere"];
