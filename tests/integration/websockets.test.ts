// A chat by WebSockets under pushes: who is connected stays for a while, and is told to connect again; and static files in browsers' caches.

import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFileSync } from "node:fs";
import { get, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { WebSocket } from "ws";
import type { Application } from "../../testing/application";
import { Host } from "../../testing/host";
import { Load } from "../../testing/load";
import { oneSite, serverName as name, setUpSite } from "../../testing/one-site";

/** "Service restart". */
const restart = 1012;
/** Seconds that a WebSocket has after a push. */
const gracefulTimeout = 8;
const style = "/static/pages/style.css";

const chat = `
import os

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import path

pages = get_asgi_application()
from pages.views import VERSION


class Chat(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("all", self.channel_name)
        await self.accept()

    async def disconnect(self, code):
        await self.channel_layer.group_discard("all", self.channel_name)

    async def receive(self, text_data=None, bytes_data=None):
        await self.channel_layer.group_send("all", {"type": "said", "text": f"{VERSION}: {text_data}"})

    async def said(self, event):
        await self.send(text_data=event["text"])


chat = URLRouter([path("chat", Chat.as_asgi())])
application = ProtocolTypeRouter({"http": pages, "websocket": AllowedHostsOriginValidator(chat)})
`;

/** Somebody who chats. */
class Chatter {
  private readonly heard: string[] = [];
  private constructor(private readonly socket: WebSocket) {
    socket.on("message", (data: Buffer) => this.heard.push(data.toString()));
  }

  /** Come in, through nginx as a browser does. */
  static async join(host: Host): Promise<Chatter> {
    const { host: address, httpPort } = host.address;
    const socket = new WebSocket(`ws://${address}:${httpPort}/chat`, {
      headers: { host: name },
      origin: `http://${name}`,
    });
    const chatter = new Chatter(socket);
    await once(socket, "open");
    return chatter;
  }

  say(text: string): void {
    this.socket.send(text);
  }

  /** What is said next. */
  async hears(): Promise<string> {
    while (this.heard.length === 0) await once(this.socket, "message");
    return this.heard.shift() ?? "";
  }

  /** The code of the close frame that ends it; 1006 where there was none. */
  async ends(): Promise<number> {
    const [code] = (await once(this.socket, "close")) as [number];
    return code;
  }

  leave(): void {
    this.socket.terminate();
  }
}

/** What nginx answers to a browser that says what it has and takes. */
function ask(
  host: Host,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders }> {
  const { host: address, httpPort: port } = host.address;
  return new Promise((resolve, reject) => {
    const options = { host: address, port, path, headers: { host: name, ...headers } };
    get({ ...options, agent: false }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode, headers: answer.headers });
    }).on("error", reject);
  });
}

describe("a chat under pushes", { timeout: 900_000 }, () => {
  let host: Host;
  let site: Application;
  let load: Load;
  let chatters: Chatter[];

  before(async () => {
    host = await Host.make();
    const file = oneSite(host, {
      gunicorn: { workers: 1, gracefulTimeout },
      nginx: { brotli: true, extra: ["add_header X-Own yes;"] },
    });
    ({ site } = await setUpSite(host, file));
    site.write("codebase/asgi.py", chat);
    appendFileSync(join(site.folder, "requirements.pip"), "channels\n");
    appendFileSync(
      join(site.folder, "codebase", "settings", "test.py"),
      '\nCHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}\n',
    );
    site.edit(
      "pages/static/pages/style.css",
      /$/,
      "\n/* long enough to be compressed */".repeat(99),
    );
    await site.commit("A chat");
    await site.pushWell();
    chatters = [await Chatter.join(host), await Chatter.join(host)];
    load = new Load(host, name);
  });

  after(async () => {
    await load.stop();
    for (const chatter of chatters) chatter.leave();
  });

  /** What everybody hears if the first says something. */
  const heard = async (all: Chatter[]) => {
    all[0]?.say("hello");
    return Promise.all(all.map((each) => each.hears()));
  };

  for (const [before, next] of [
    ["v1", "v2"],
    ["v2", "v3"],
  ] as const) {
    it(`who is connected to ${before} stays connected for a while after the push of ${next}`, async () => {
      assert.deepEqual(await heard(chatters), [`${before}: hello`, `${before}: hello`]);
      await site.release(next);
      await site.pushWell();
      const since = performance.now();
      const later = [await Chatter.join(host), await Chatter.join(host)];
      assert.deepEqual(await heard(later), [`${next}: hello`, `${next}: hello`]);
      assert.deepEqual(await heard(chatters), [`${before}: hello`, `${before}: hello`]);
      assert.deepEqual(await Promise.all(chatters.map((each) => each.ends())), [restart, restart]);
      assert.ok(performance.now() - since > (gracefulTimeout - 3) * 1000);
      assert.deepEqual(await heard(later), [`${next}: hello`, `${next}: hello`]);
      assert.deepEqual(load.failures(), []);
      chatters = later;
    });
  }

  it("nothing but a WebSocket is handed on as an upgrade", async () => {
    const headers = { connection: "upgrade, http2-settings", upgrade: "h2c", "http2-settings": "" };
    assert.equal((await ask(host, "/health", headers)).status, 200);
  });

  it("a browser is told that it has a file, in each form, after a push", async () => {
    const forms = ["identity", "gzip", "br"];
    const known = await Promise.all(
      forms.map((form) => ask(host, style, { "accept-encoding": form })),
    );
    assert.deepEqual(
      known.map(({ status, headers }) => [status, headers["content-encoding"] ?? "identity"]),
      forms.map((form) => [200, form]),
    );
    for (const { headers } of known) {
      assert.equal(headers["cache-control"], "no-cache");
      assert.equal(headers["x-own"], "yes");
      assert.equal(headers.vary, "Accept-Encoding");
    }
    await site.release("v4");
    await site.pushWell();
    for (const [at, form] of forms.entries()) {
      const etag = known[at]?.headers.etag ?? "";
      const again = await ask(host, style, { "accept-encoding": form, "if-none-match": etag });
      assert.equal(again.status, 304, form);
    }
    assert.deepEqual(load.failures(), []);
  });
});
