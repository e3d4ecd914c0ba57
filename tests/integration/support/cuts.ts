import type { Host } from "../../../testing/host";

/** Programs with which the component scripts change a server. */
const changing = [
  ...[
    "apt-get",
    "chmod",
    "chown",
    "cp",
    "dpkg",
    "git",
    "install",
    "ln",
    "mkdir",
    "mv",
    "rm",
    "rmdir",
  ],
  ...["runuser", "systemctl", "tar", "useradd", "userdel"],
];

/**
 * Interrupts the component scripts on a server: just before its nth change, everything that a connection runs is killed, as if
 * the machine were switched off.
 */
export class Cuts {
  private constructor(private readonly host: Host) {}

  /** Put counting programs in front of the real ones on the PATH of the component scripts. */
  static async prepare(host: Host): Promise<Cuts> {
    await host.sh(`mkdir -p /run/cuts && chmod 777 /run/cuts
      cat >/run/cuts/program <<'PROGRAM'
#!/bin/sh
name=\${0##*/}
real=/usr/bin/$name
[ -x "$real" ] || real=/usr/sbin/$name
# Only what a component script itself does counts, as root.
if [ -s /run/cuts/at ] && tr '\\0' ' ' <"/proc/$PPID/cmdline" | grep -qE '^sh (/tmp/tmp|/var/lib/greenpush/)'; then
  exec 8>>/run/cuts/lock
  /usr/bin/flock 8
  count=$(($(cat /run/cuts/count) + 1))
  echo "$count" >/run/cuts/count
  if [ "$count" = "$(cat /run/cuts/at)" ]; then
    : >/run/cuts/at
    /usr/bin/pkill -KILL -s "$(/usr/bin/ps -o sid= -p $$ | tr -d ' ')"
  fi
  exec 8>&-
fi
exec "$real" "$@"
PROGRAM
      /usr/bin/chmod 755 /run/cuts/program
      for name in ${changing.join(" ")}; do /usr/bin/cp /run/cuts/program /usr/local/sbin/$name; done`);
    return new Cuts(host);
  }

  /** Cut off at the nth change from now on. */
  async at(nth: number): Promise<void> {
    await this.host.sh(`echo 0 >/run/cuts/count; echo ${nth} >/run/cuts/at`);
  }

  /** Let the following changes complete. */
  async none(): Promise<void> {
    await this.host.sh(": >/run/cuts/at");
  }

  /** Whether the last ordered cut has happened. */
  async came(): Promise<boolean> {
    return (await this.host.sh("cat /run/cuts/at")).trim() === "";
  }

  /** Remove the counting programs. */
  async end(): Promise<void> {
    await this.host.sh(
      `cd /usr/local/sbin && /usr/bin/rm ${changing.join(" ")}; /usr/bin/rm -r /run/cuts`,
    );
  }
}
