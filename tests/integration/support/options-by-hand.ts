/** All options of a server, turned on. */
export const allOn = {
  firewall: true,
  unattendedUpgrades: true,
  sshHardening: true,
  fail2ban: true,
};
export const sshd = "/etc/ssh/sshd_config.d/00-greenpush.conf";
export const rules = "/etc/nftables.d/greenpush.nft";
const jail = "/etc/fail2ban/jail.d/greenpush.conf";
const upgrades = "/etc/apt/apt.conf.d/99greenpush-unattended-upgrades";

/** The steps of each option. */
export const steps = {
  firewall: ["own-firewall-apply", "own-firewall-confirm"],
  sshHardening: ["own-ssh-hardening-apply", "own-ssh-hardening-confirm"],
  fail2ban: ["own-fail2ban-apply"],
  unattendedUpgrades: ["own-unattended-upgrades-apply"],
};

/** A change that somebody makes by hand to what an option has set up. */
interface OptionByHand {
  /** The command, in a root shell on the server. */
  by: string;
  of: keyof typeof steps;
  /** The sentence of the preview. */
  says: string;
}

/** Changes by hand, in rounds with one change of each component. */
export const optionsByHand: OptionByHand[][] = [
  [
    { by: "nft flush ruleset", of: "firewall", says: "the rules are not in force" },
    { by: `rm ${sshd}`, of: "sshHardening", says: `${sshd}: the file is missing` },
    {
      by: "systemctl stop fail2ban",
      of: "fail2ban",
      says: "the unit fail2ban.service is inactive, wanted active",
    },
    {
      by: `sed -i 's/Automatic-Reboot "false"/Automatic-Reboot "true"/' ${upgrades}`,
      of: "unattendedUpgrades",
      says: `${upgrades}: line 9 is "Unattended-Upgrade::Automatic-Reboot "true";", wanted "Unattended-Upgrade::Automatic-Reboot "false";"`,
    },
  ],
  [
    {
      by: "nft add rule inet greenpush incoming tcp dport 9999 accept",
      of: "firewall",
      says: 'the rules in force: line 12 "  tcp dport 9999 accept" was added',
    },
    {
      by: `sed -i 's/^PasswordAuthentication no/PasswordAuthentication yes/' ${sshd}`,
      of: "sshHardening",
      says: `${sshd}: line 2 is "PasswordAuthentication yes", wanted "PasswordAuthentication no"`,
    },
    { by: "fail2ban-client stop sshd", of: "fail2ban", says: "fail2ban does not watch sshd" },
    {
      by: "systemctl stop apt-daily-upgrade.timer",
      of: "unattendedUpgrades",
      says: "the unit apt-daily-upgrade.timer is inactive, wanted active",
    },
  ],
  [
    {
      by: `sed -i '/udp dport 68/d' ${rules}`,
      of: "firewall",
      says: `${rules}: line 15 "  udp sport 67 udp dport 68 accept" is missing`,
    },
    {
      by: `chmod 600 ${sshd}`,
      of: "sshHardening",
      says: `${sshd}: mode is 600, wanted 644`,
    },
    { by: `rm ${jail}`, of: "fail2ban", says: `${jail}: the file is missing` },
    {
      by: "apt-get remove -qqy unattended-upgrades >/dev/null 2>&1",
      of: "unattendedUpgrades",
      says: "the package unattended-upgrades is not installed",
    },
  ],
];
