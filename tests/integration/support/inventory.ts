import type { Host } from "../../../testing/host";

/** Paths that may differ on a server after Greenpush has left it, each with its reason. */
const exceptions: [RegExp, string][] = [
  [/^\/var\/log\//, "logs, which tell what was done"],
  [/^\/var\/(cache\/apt|lib\/apt)\//, "apt's lists and caches, which each apt-get update changes"],
  [/^\/var\/lib\/dpkg\//, "dpkg's own database: the packages themselves are compared"],
  [/^\/var\/backups\/(alternatives|apt|dpkg)\./, "copies that dpkg's timer makes at midnight"],
  [/^\/var\/cache\/(debconf|ldconfig|man)\//, "caches that each installation makes anew"],
  [/^\/etc\/ld\.so\.cache$/, "a cache of libraries that each installation makes anew"],
  [
    /^\/etc\/(passwd|group|shadow|gshadow|subuid|subgid)-$/,
    "copies that useradd makes of the file before",
  ],
  [/^\/var\/lib\/ucf\/(hashfile|registry)\.\d+$/, "copies that ucf makes of the file before"],
  [/\/\.sudo_as_admin_successful$/, "sudo's note that the operator has used it"],
  [
    /^\/home\/admin\/\.cache(\/motd\.legal-displayed)?$/,
    "Ubuntu's note that the operator has logged in",
  ],
  [/^\/var\/lib\/systemd\/(timers|random-seed|deb-systemd)/, "when systemd's timers last ran"],
];

/** Everything on a server that can be compared, one line each: packages, files, accounts, units, listening ports. */
export async function inventory(host: Host): Promise<string[]> {
  const printed = await host.sh(`
    export LC_ALL=C
    dpkg-query -W -f 'package \${Package} \${Version} \${db:Status-Abbrev}\\n'
    # Folders carry no time and links no mode: what is in them counts.
    find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp \\) -prune -o \\
      ! -type f -printf 'path %p %y %m %u:%g %l\\n'
    find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -path /var/tmp \\) -prune -o \\
      -type f -printf '%p\\t%m %u:%g\\n' | sort >/tmp/files
    cut -f 1 /tmp/files | tr '\\n' '\\0' | xargs -0 sha256sum -- | sed 's/^\\\\//' | awk '{ print $1 }' >/tmp/sums
    paste -d '\\t' /tmp/files /tmp/sums | tr '\\t' ' ' | sed 's/^/path /'
    rm /tmp/files /tmp/sums
    getent passwd | sed 's/^/user /'
    getent group | sed 's/^/group /'
    systemctl list-unit-files --no-legend --no-pager | sed 's/^/unit /'
    systemctl list-units --all --no-legend --no-pager --plain | awk '$2 != "not-found" { print "loaded", $1, $2 }' |
      grep -vE '(session-|user@|user-|run-|\\.scope|\\.mount|\\.device|systemd-tmpfiles)'
    ss -Hltun | awk '{ print "port", $1, $5 }'
    for user in $(getent passwd | cut -d : -f 1); do crontab -l -u "$user" 2>/dev/null | sed "s/^/cron $user /"; done
    true
  `);
  const excepted = (line: string) => {
    const path = /^path (\S+)/.exec(line)?.[1];
    return path !== undefined && exceptions.some(([pattern]) => pattern.test(path));
  };
  return printed
    .split("\n")
    .filter((line) => line !== "" && !excepted(line))
    .sort();
}

/** The differences of two inventories: `-` is missing, `+` is left. */
export function compared(before: string[], after: string[]): string[] {
  const [was, is] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !is.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !was.has(line)).map((line) => `+ ${line}`),
  ];
}
