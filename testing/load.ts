import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "./host";

/** One request of the load: the answer, or why there was none. */
export interface Asked {
  path: string;
  /** Milliseconds since the load began. */
  at: number;
  milliseconds: number;
  status?: number;
  /** The version that the example application's page shows. */
  version?: string;
  error?: string;
}

/** Visitors of a site, several at a time. Each makes a new connection for a page, and for each file that the page names. */
export class Load {
  /** Requests for the page. */
  readonly asked: Asked[] = [];
  /** Requests for the static files that a page names. */
  readonly files: Asked[] = [];
  private stopped = false;
  private readonly visitors: Promise<void>[];
  private readonly begun = performance.now();

  constructor(
    private readonly host: Host,
    private readonly name: string,
    visitors = 3,
    /** Milliseconds that a visitor waits between two pages. */
    private readonly pause = 20,
    /** Whether visitors ask for the files of a page too. */
    private readonly withFiles = true,
  ) {
    this.visitors = Array.from({ length: visitors }, () => this.visit());
  }

  /** Milliseconds since the load began. */
  get now(): number {
    return performance.now() - this.begun;
  }

  /** Requests that failed since the load began, or since the last call. */
  failures(): Asked[] {
    const pages = this.asked.splice(0).filter((each) => each.status !== 200 || !each.version);
    return [...pages, ...this.files.splice(0).filter(({ status }) => status !== 200)];
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.visitors);
  }

  private async visit(): Promise<void> {
    while (!this.stopped) {
      const page = await this.ask("/");
      const { asked, body } = page;
      const version = /id="version">([^<]*)</.exec(body)?.[1];
      this.asked.push(version === undefined ? asked : { ...asked, version });
      if (this.withFiles) {
        for (const path of filesOf(body)) this.files.push((await this.ask(path)).asked);
      }
      await sleep(this.pause);
    }
  }

  private async ask(path: string): Promise<{ asked: Asked; body: string }> {
    const asked: Asked = { path, at: this.now, milliseconds: 0 };
    let body = "";
    try {
      const answer = await this.host.get(path, this.name);
      asked.status = answer.status;
      body = answer.body;
    } catch (error) {
      asked.error = String(error);
    }
    asked.milliseconds = this.now - asked.at;
    return { asked, body };
  }
}

/** The paths of the style sheets, scripts and pictures that a page names. */
function filesOf(page: string): string[] {
  const named = page.matchAll(/<(?:link|script|img)[^>]* (?:href|src)="(\/[^"/][^"]*)"/g);
  return [...named].map(([, path = ""]) => path);
}
