import { z } from "zod";
import * as texts from "../texts";
import { seconds } from "./seconds";

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
        "Whether static files are compressed by brotli too, besides gzip; the server gets the packages for it",
      ),
    extra: z.array(texts.line).default([]).describe("Further lines for the server block"),
  })
  .prefault({});
