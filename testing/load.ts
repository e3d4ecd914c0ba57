import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "./host";

/** One request of the load: what came back, or why nothing did. */
export interface Asked {
  path: string;
  /** Milliseconds since the load began. */
  at: number;
  milliseconds: number;
  status?: number;
  /** What the example application's page says it is. */
  version?: string;
  error?: string;
}

/** Visitors of a site: so many of them at a time, each with a new connection for a page, and for each file that it names. */
export class Load {
  /** Requests for the page. */
  readonly asked: Asked[] = [];
  /** Requests for the static files that a page has named. */
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

  /** Requests that did not get a page or a file, since the load began or the last call. */
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

/** The style sheets, scripts and pictures that a page names, by their paths on the site. */
function filesOf(page: string): string[] {
  const named = page.matchAll(/<(?:link|script|img)[^>]* (?:href|src)="(\/[^"/][^"]*)"/g);
  return [...named].map(([, path = ""]) => path);
}
