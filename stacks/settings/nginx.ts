import { z } from "zod";
import * as texts from "../texts";
import { seconds } from "./seconds";

/** How often a visitor may ask the application. */
const rateLimit = z.strictObject({
  rate: texts.rate.describe("Requests in a second or minute, for example 10r/s or 30r/m"),
  burst: z
    .int()
    .min(0)
    .max(10_000)
    .default(20)
    .describe("How many more may come at once before nginx refuses them"),
});

/** nginx's configuration of a site. */
export const nginx = z
  .strictObject({
    maxBodySize: z
      .string()
      .regex(/^\d+[kmg]?$/i, "a size as nginx has it, for example 10m")
      .default("10m")
      .describe("Largest request body"),
    proxyTimeout: seconds
      .default(60)
      .describe(
        "Seconds that nginx waits for gunicorn's answer, and for the next message of a WebSocket",
      ),
    brotli: z
      .boolean()
      .default(false)
      .describe(
        "Whether static files are compressed by brotli too, besides gzip; the server gets the package for it",
      ),
    rateLimit: rateLimit
      .optional()
      .describe(
        "How often an address may ask the application; nginx answers 429 to what is more. Static files don't count",
      ),
    connections: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe(
        "How many requests of an address the application may be answering at once; nginx answers 429 to what is more",
      ),
    extra: z.array(texts.line).default([]).describe("Further lines for the server block"),
    httpExtra: z
      .array(texts.line)
      .default([])
      .describe(
        "Further lines before the server block, in nginx's http context, for example map or upstream",
      ),
    locations: z
      .record(texts.location, z.array(texts.line))
      .default({})
      .describe(
        "Lines for locations, by what nginx matches: `/` for all that the application answers, or a location of its own, as `/api/`, `= /feed` or `~ \\.pdf$`; that passes to the application too, unless its lines say where it leads",
      ),
  })
  .prefault({});
