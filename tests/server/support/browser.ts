import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";
import { scratchFolder } from "../../../testing/checkout";

/** A message of Chromium's DevTools protocol: an answer or an event. */
interface Message {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message: string };
  method?: string;
  params?: Record<string, unknown>;
}

/** How a page is to be shown. */
export interface View {
  scheme: "light" | "dark";
  width: number;
  height: number;
}

/** The first browser of browsers.json that is on PATH. */
function program(): string {
  const names = JSON.parse(readFileSync(join(__dirname, "browsers.json"), "utf8")) as string[];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const found = names.find((name) => folders.some((folder) => existsSync(join(folder, name))));
  if (found === undefined) throw new Error(`none of ${names.join(", ")} is on PATH`);
  return found;
}

/** A headless Chromium with one tab, spoken to by its DevTools protocol. */
export class Browser {
  /** What the console has shown since the last page was opened: errors and warnings. */
  complaints: string[] = [];
  private asked = 0;
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly loaded: (() => void)[] = [];

  private constructor(
    private readonly process: ChildProcess,
    private readonly socket: WebSocket,
  ) {
    socket.on("message", (data: Buffer) => this.take(JSON.parse(data.toString()) as Message));
  }

  static async start(): Promise<Browser> {
    const words = [
      ...["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
      ...["--no-first-run", "--remote-debugging-port=0", `--user-data-dir=${scratchFolder()}`],
      // Chromium has no sandbox for root, and sees pages of this checkout only.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    ];
    const chromium = spawn(program(), [...words, "about:blank"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    for await (const line of createInterface({ input: chromium.stderr })) {
      const port = /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port === undefined) continue;
      chromium.stderr.resume();
      const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
        type: string;
        webSocketDebuggerUrl: string;
      }[];
      const tab = targets.find(({ type }) => type === "page");
      const socket = new WebSocket(tab?.webSocketDebuggerUrl ?? "");
      await once(socket, "open");
      const browser = new Browser(chromium, socket);
      for (const part of ["Page", "Log", "Runtime"]) await browser.ask(`${part}.enable`);
      return browser;
    }
    throw new Error("chromium ended before it could be asked");
  }

  /** Open a page, and wait until it is shown. */
  async open(address: string, { scheme, width, height }: View): Promise<void> {
    const features = [{ name: "prefers-color-scheme", value: scheme }];
    await this.ask("Emulation.setEmulatedMedia", { features });
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await this.ask("Emulation.setDeviceMetricsOverride", metrics);
    this.complaints = [];
    const loaded = new Promise<void>((resolve) => this.loaded.push(resolve));
    await this.ask("Page.navigate", { url: address });
    await loaded;
  }

  /** The value of an expression in the page. */
  async evaluate<T>(expression: string): Promise<T> {
    const asked = { expression, returnByValue: true };
    const { result } = await this.ask("Runtime.evaluate", asked);
    return (result as { value: T }).value;
  }

  /** A picture of what is shown, as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.ask("Page.captureScreenshot", { format: "png" });
    return Buffer.from(data as string, "base64");
  }

  async close(): Promise<void> {
    const ended = once(this.process, "close");
    await this.ask("Browser.close");
    await ended;
  }

  private ask(
    method: string,
    params: Record<string, unknown> = {},
  ): Promise<Message["result"] & object> {
    const id = ++this.asked;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) =>
      this.waiting.set(id, ({ result, error }) =>
        error === undefined
          ? resolve(result ?? {})
          : reject(new Error(`${method}: ${error.message}`)),
      ),
    );
  }

  private take(message: Message): void {
    const { id, method, params = {} } = message;
    if (id !== undefined) this.waiting.get(id)?.(message);
    if (method === "Page.loadEventFired") this.loaded.shift()?.();
    if (method === "Log.entryAdded") {
      const { level, text, url = "" } = params["entry"] as Record<string, string>;
      if (level !== "info" && level !== "verbose") this.complaints.push(`${text} ${url}`);
    }
    if (method === "Runtime.exceptionThrown" || method === "Runtime.consoleAPICalled")
      this.complaints.push(JSON.stringify(params));
  }
}
