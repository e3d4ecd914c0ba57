import type { Host } from "../../../testing/host";

/** Where the ACME server of a test answers, on the server itself. */
export const directory = "https://localhost:14000/dir";

/**
 * pebble, an ACME server for tests, on a server: it looks names up in /etc/hosts, and asks port 80 of what it finds.
 *
 * The server trusts pebble's own certificate, as it would a company's authority. `certificateAuthority` has the root
 * that the certificates of sites are from.
 */
export class AcmeServer {
  private constructor(private readonly host: Host) {}

  static async start(host: Host): Promise<AcmeServer> {
    const server = new AcmeServer(host);
    await host.sh(`
set -e
{ apt-get update -q && apt-get install -q -y --no-install-recommends pebble openssl curl; } >/tmp/apt 2>&1 || { cat /tmp/apt >&2; exit 1; }
mkdir -p /srv/pebble && cd /srv/pebble
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=pebble \\
  -addext subjectAltName=DNS:localhost -keyout key.pem -out pebble.crt 2>/dev/null
cp pebble.crt /usr/local/share/ca-certificates/pebble.crt
update-ca-certificates >/dev/null 2>&1
cat >config.json <<'END'
{"pebble": {
  "listenAddress": "127.0.0.1:14000", "managementListenAddress": "127.0.0.1:15000",
  "certificate": "/srv/pebble/pebble.crt", "privateKey": "/srv/pebble/key.pem",
  "httpPort": 80, "tlsPort": 443, "ocspResponderURL": "", "externalAccountBindingRequired": false
}}
END`);
    await server.run();
    return server;
  }

  /** Start it; one that ran before has forgotten its accounts. `environment` is of pebble's own variables. */
  async run(environment: Record<string, string> = {}): Promise<void> {
    const variables = Object.entries({ PEBBLE_VA_NOSLEEP: "1", ...environment }).map(
      ([name, value]) => `--setenv=${name}=${value}`,
    );
    await this.host.sh(`
systemctl stop pebble 2>/dev/null || :
systemctl reset-failed pebble 2>/dev/null || :
systemd-run --quiet --unit=pebble ${variables.join(" ")} pebble -config /srv/pebble/config.json
for try in $(seq 100); do
  curl -sf ${directory} >/dev/null && exit 0
  sleep 0.1
done
journalctl -u pebble --no-pager -n 20 >&2
exit 1`);
  }

  async stop(): Promise<void> {
    await this.host.sh("systemctl stop pebble");
  }

  /** Let names lead to this server. */
  async name(...names: string[]): Promise<void> {
    await this.host.sh(names.map((name) => `echo "127.0.0.1 ${name}" >>/etc/hosts`).join("\n"));
  }

  /** Let a name lead nowhere. /etc/hosts of a container can't be replaced. */
  async unname(name: string): Promise<void> {
    await this.host.sh(`grep -v " ${name}$" /etc/hosts >/tmp/hosts; cat /tmp/hosts >/etc/hosts`);
  }

  /** The root of the certificates that it gives. */
  get certificateAuthority(): Promise<string> {
    return this.host.sh("curl -sf https://localhost:15000/roots/0");
  }
}
