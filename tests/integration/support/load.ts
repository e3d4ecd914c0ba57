import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "./host";

/** One request of the load: what came back, or why nothing did. */
export interface Asked {
  /** Milliseconds since the load began. */
  at: number;
  milliseconds: number;
  status?: number;
  /** What the example application's page says it is. */
  version?: string;
  error?: string;
}

/** Visitors of a site: so many of them at a time, each with a new connection for a page. */
export class Load {
  readonly asked: Asked[] = [];
  private stopped = false;
  private readonly visitors: Promise<void>[];
  private readonly begun = performance.now();

  constructor(
    private readonly host: Host,
    private readonly name: string,
    visitors = 3,
    /** Milliseconds that a visitor waits between two requests. */
    private readonly pause = 20,
  ) {
    this.visitors = Array.from({ length: visitors }, () => this.visit());
  }

  /** Milliseconds since the load began. */
  get now(): number {
    return performance.now() - this.begun;
  }

  /** Requests that did not get a page, since the load began or the last call. */
  failures(): Asked[] {
    return this.asked.splice(0).filter((each) => each.status !== 200 || !each.version);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.visitors);
  }

  private async visit(): Promise<void> {
    while (!this.stopped) {
      const asked: Asked = { at: this.now, milliseconds: 0 };
      try {
        const { status, body } = await this.host.get("/", this.name);
        asked.status = status;
        asked.version = /id="version">([^<]*)</.exec(body)?.[1];
      } catch (error) {
        asked.error = String(error);
      }
      asked.milliseconds = this.now - asked.at;
      this.asked.push(asked);
      await sleep(this.pause);
    }
  }
}
