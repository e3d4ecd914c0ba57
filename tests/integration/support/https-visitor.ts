import type { Host } from "../../../testing/host";

/** An answer, as curl has it. */
export interface Answered {
  /** 0 if there was none; then `trouble` says why. */
  status: number;
  /** The version of HTTP: `2`, `1.1`. */
  protocol: string;
  headers: Record<string, string>;
  body: string;
  trouble: string;
}

/** The file with the authorities that a visitor trusts, on the server. */
export const trusted = "/srv/trusted.pem";

/** Somebody on the server, who asks by names that lead to the server itself. */
export class Visitor {
  constructor(private readonly host: Host) {}

  /** Ask for an address, with further options of curl. */
  async ask(url: string, ...options: string[]): Promise<Answered> {
    const words = ["--silent", "--show-error", "--max-time", "20", "--cacert", trusted];
    const command = [...words, ...options, url].map((word) => `'${word}'`).join(" ");
    const printed = await this.host.sh(
      `curl --include --write-out '\\n%{http_code} %{http_version}' ${command} 2>/tmp/trouble || cat /tmp/trouble >&2; printf '\\n'; head -n 1 /tmp/trouble`,
    );
    const [, head = "", rest = ""] = /^([^]*?)\r\n\r\n([^]*)$/.exec(printed) ?? ["", "", printed];
    const [, body = "", status, protocol = "", trouble = ""] =
      /^([^]*)\n(\d{3}) (\S+)\n([^]*)$/.exec(rest) ?? [];
    const lines = head.split("\r\n").slice(1);
    const headers = lines.map((line): [string, string] => {
      const at = line.indexOf(":");
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
    });
    return {
      status: Number(status),
      protocol,
      headers: Object.fromEntries(headers),
      body,
      trouble: trouble.trim(),
    };
  }

  /** What openssl says of a connection, with further options of s_client. */
  handshake(name: string, ...options: string[]): Promise<string> {
    return this.host.sh(
      `openssl s_client -connect 127.0.0.1:443 -servername ${name} -CAfile ${trusted} ${options.join(" ")} </dev/null 2>&1 || :`,
    );
  }
}
