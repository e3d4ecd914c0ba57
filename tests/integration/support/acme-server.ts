import { trusted } from "./https-visitor";
import type { Host } from "../../../testing/host";

/** Where the ACME server of a test answers, on the server itself. */
export const directory = "https://localhost:14000/dir";

/**
 * pebble, an ACME server for tests, on a server: it looks names up in /etc/hosts, and asks port 80 of what it finds.
 *
 * The server trusts pebble's own certificate, as it would a company's authority. Visitors trust what is in `trusted`.
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
`);
    await server.run({});
    return server;
  }

  /**
   * Start it, with further settings. One that ran before has forgotten its accounts.
   *
   * By itself it refuses each twentieth request, by chance, which no authority does: certbot asks once more and then fails.
   */
  private async run(settings: Record<string, unknown>, ...options: string[]): Promise<void> {
    const pebble = {
      listenAddress: "127.0.0.1:14000",
      managementListenAddress: "127.0.0.1:15000",
      certificate: "/srv/pebble/pebble.crt",
      privateKey: "/srv/pebble/key.pem",
      httpPort: 80,
      tlsPort: 443,
      externalAccountBindingRequired: false,
      ...settings,
    };
    await this.host.sh(`
echo '${JSON.stringify({ pebble })}' >/srv/pebble/config.json
systemctl stop pebble 2>/dev/null || :
systemctl reset-failed pebble 2>/dev/null || :
systemd-run --quiet --unit=pebble --setenv=PEBBLE_VA_NOSLEEP=1 --setenv=PEBBLE_WFE_NONCEREJECT=0 pebble -config /srv/pebble/config.json ${options.join(" ")}
for try in $(seq 100); do
  curl -sf https://localhost:15000/roots/0 >/srv/pebble/root.pem && break
  sleep 0.1
done
[ -s /srv/pebble/root.pem ] || { journalctl -u pebble --no-pager -n 20; exit 1; } >&2
cat /srv/pebble/root.pem >>${trusted}
rm -rf /var/lib/greenpush-acme/config/accounts`);
  }

  /** From now on, give certificates that last some seconds; without a number, as long as it does by itself. */
  async lasts(seconds?: number): Promise<void> {
    await this.run(seconds === undefined ? {} : { certificateValidityPeriod: seconds });
  }

  /** Refuse new orders as an authority does that has given too many certificates, or no more. */
  async limits(on: boolean): Promise<void> {
    if (!on) {
      await this.host.sh("systemctl stop limits");
      return this.run({});
    }
    await this.run({ listenAddress: "127.0.0.1:14002" });
    await this.host.sh(`
cat >/srv/pebble/limits.conf <<'END'
daemon off;
pid /run/limits.pid;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:14000 ssl;
    ssl_certificate /srv/pebble/pebble.crt;
    ssl_certificate_key /srv/pebble/key.pem;
    location / { proxy_pass https://127.0.0.1:14002; proxy_set_header Host localhost:14000; }
    location /order-plz {
      default_type application/problem+json;
      return 429 '{"type": "urn:ietf:params:acme:error:rateLimited", "detail": "too many certificates already issued", "status": 429}';
    }
  }
}
END
systemd-run --quiet --unit=limits nginx -c /srv/pebble/limits.conf
for try in $(seq 100); do curl -sf ${directory} >/dev/null && exit 0; sleep 0.1; done
exit 1`);
  }

  /** Look names up in a DNS server that a test sets records in, by requests to port 8055. All names lead to this server. */
  async answersDns(): Promise<void> {
    await this.host.sh(
      "systemd-run --quiet --unit=names pebble-challtestsrv -defaultIPv6 '' -defaultIPv4 127.0.0.1 -dns01 :8053 -http01 '' -https01 '' -tlsalpn01 '' -doh ''",
    );
    await this.run({}, "-dnsserver", "127.0.0.1:8053");
  }

  /** Make accounts only for who proves to be its customer. */
  async binds(kid: string, hmacKey: string): Promise<void> {
    await this.run({
      externalAccountBindingRequired: true,
      externalAccountMACKeys: { [kid]: hmacKey },
    });
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
}
