import { Host } from "../testing/host";
import { oneSite, serverName, setUpSite } from "../testing/one-site";
import { interleave } from "./support/interleave";
import type { Options } from "./support/options";
import { progress } from "./support/progress";
import { type Table, write } from "./support/report";
import { summarize } from "./support/statistics";

/** The name of the server block that a person would write. */
const handName = "hand.example.org";
/** Seconds of each measurement. */
const seconds = 5;

/** nginx as a person tunes it for one site, with the same certificate and files. */
const handTuned = `
server {
  listen 443 ssl;
  listen [::]:443 ssl;
  http2 on;
  server_name ${handName};
  ssl_certificate /etc/greenpush-tls/codebase/certificate.pem;
  ssl_certificate_key /etc/greenpush-tls/codebase/certificate.pem;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache shared:greenpush:10m;
  ssl_session_timeout 1d;
  ssl_session_tickets off;
  access_log /var/log/nginx/hand.access.log;
  root /home/deploy/www/live/public;
  gzip_static on;
  location / { try_files $uri =404; }
}
`;

/** What visitors ask for. */
const kinds = {
  "a static file, on an open connection": [],
  "a new connection with its TLS handshake, and a static file": ["-H", "'Connection: close'"],
};

/** Measure HTTPS beside the same nginx as a person tunes it. */
export async function https(options: Options): Promise<void> {
  progress("setting up a server");
  const host = await Host.make("trixie");
  const { site } = await setUpSite(host, oneSite(host, { tls: "self-signed" }));
  await site.pushWell();
  await host.sh(`
{ apt-get update -q && apt-get install -q -y --no-install-recommends wrk; } >/dev/null 2>&1
cat >/etc/nginx/conf.d/hand.conf <<'END'
${handTuned}
END
nginx -t 2>/dev/null && systemctl reload nginx
echo 127.0.0.1 ${serverName} ${handName} >>/etc/hosts`);
  const path = (
    await host.sh("cd /home/deploy/www/live/public && find -L . -name '*.css' | head -n 1")
  )
    .trim()
    .slice(1);
  const table: Table = [["", "runs", "Greenpush", "by hand", "times by hand", "min", "max"]];
  for (const [kind, words] of Object.entries(kinds)) {
    const measured = await interleave(
      [serverName, handName].map((name) => ({
        name,
        measure: () => requestsPerSecond(host, `https://${name}${path}`, words),
      })),
      options.runs,
    );
    const ours = measured.get(serverName) ?? [];
    const theirs = measured.get(handName) ?? [];
    const ratios = ours.map((value, index) => value / (theirs[index] ?? NaN));
    const { median, min, max } = summarize(ratios);
    const shown = (values: number[]) => `${summarize(values).median.toFixed(0)}/s`;
    const ratio = [median, min, max].map((value) => value.toFixed(2));
    table.push([kind, String(options.runs), shown(ours), shown(theirs), ...ratio]);
  }
  await write(
    {
      name: "https",
      title: "HTTPS beside nginx tuned by hand",
      about: [
        "One nginx serves the same static file with the same certificate by two server blocks: the one that Greenpush writes, and one as a person tunes it, which does nothing else. `wrk` asks on the same server, with 16 connections. Each pair of measurements is taken one right after the other, and `times by hand` is the median of their ratios.",
      ],
      tables: [{ heading: "Requests per second", table }],
      versions: [(await host.sh("nginx -v 2>&1")).trim().replace("nginx version: ", "")],
    },
    options,
  );
}

async function requestsPerSecond(host: Host, url: string, words: string[]): Promise<number> {
  const said = await host.sh(`wrk -t 1 -c 16 -d ${seconds}s ${words.join(" ")} ${url}`);
  if (said.includes("Non-2xx")) throw new Error(`${url}: ${said}`);
  return Number(/^Requests\/sec:\s+([\d.]+)$/m.exec(said)?.[1]);
}
