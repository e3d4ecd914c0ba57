/** Accounts that Debian, Ubuntu or their packages run something as. */
const systemAccounts = new Set(
  `root daemon bin sys sync games man lp mail news uucp proxy www-data backup list irc gnats nobody
   messagebus sshd syslog tss uuidd tcpdump polkitd usbmux dnsmasq avahi rtkit statd ntp ntpsec chrony landscape
   pollinate lxd fwupd-refresh postgres mysql redis memcache rabbitmq mongodb elasticsearch nginx postfix
   dovecot dovenull opendkim opendmarc spamd clamav bind unbound ftp proftpd munin nagios zabbix prometheus
   telegraf grafana`.split(/\s+/),
);

/** Whether an account belongs to the system: whoever pushes to it would get its rights. */
export function isSystemAccount(name: string): boolean {
  // By Debian's policy the accounts that packages make begin with an underscore.
  return systemAccounts.has(name) || name.startsWith("systemd-") || name.startsWith("_");
}

/** Folders of the system in which no home may lie. */
const systemFolders =
  /^\/(bin|boot|dev|etc|lib(32|64|x32)?|lost\+found|proc|root|run|sbin|sys|tmp|usr|var\/(backups|cache|lib\/greenpush|lock|log|mail|run|spool|tmp))(\/|$)/;
/** Folders that hold homes and can't be one. */
const sharedFolders = /^\/((home|media|mnt|opt|srv|var(\/(lib|local|opt))?)?)$/;

/** Why a path can't be a site's home; undefined if it can. */
export function homeTrouble(home: string): string | undefined {
  const steps = home.split("/").slice(1);
  if (sharedFolders.test(home)) {
    return "is a folder that the server shares out: take one in it, for example /srv/NAME";
  }
  if (steps.some((step) => ["", ".", ".."].includes(step))) {
    return "has to be written plainly: without `..` and `.`, and with one slash between two names";
  }
  if (systemFolders.test(home)) {
    return "belongs to the system: take a folder in /home, /srv, /opt or /var/www";
  }
  return undefined;
}

/** The home of a site's account. */
export function homeOf({ user, home }: { user: string; home?: string | undefined }): string {
  return home ?? `/home/${user}`;
}
