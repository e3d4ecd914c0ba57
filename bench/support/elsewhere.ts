// The person who pushes usually has another machine. Here it is the one that is measured.

/** Runs a command that gives way to every other process: its session has the smallest share, and it needs an idle processor. */
const giveWay = 'echo 19 >/proc/self/autogroup; exec chrt --idle 0 "$@"';

/** The words before a command that let it run with spare processor time only, as if it ran on another machine. */
export const elsewhere = ["setsid", "--wait", "sh", "-c", giveWay, "elsewhere"];
