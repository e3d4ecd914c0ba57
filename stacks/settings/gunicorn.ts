import { z } from "zod";
import * as texts from "../texts";
import { seconds } from "./seconds";

/** gunicorn's options and the limits of its unit. */
export const gunicorn = z
  .strictObject({
    manager: z
      .enum(["systemd", "supervisor", "direct"])
      .default("systemd")
      .describe(
        "What starts gunicorn: systemd, supervisord, or the deploy engine itself, as in the classic layout (then nothing starts it after a reboot)",
      ),
    workers: z
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe(
        "Worker processes; if left out, what the Procfile or gunicorn.conf.py says, else 2",
      ),
    threads: z
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe("Threads of a worker; if left out likewise, else 1"),
    timeout: seconds
      .optional()
      .describe(
        "Seconds after which gunicorn restarts a silent worker; if left out likewise, else 30",
      ),
    gracefulTimeout: seconds
      .optional()
      .describe(
        "Seconds that open requests have to finish when a release is retired; if left out likewise, else 30. WebSockets that are open then are closed with 1012, and server-sent events end",
      ),
    memory: texts.memorySize
      .optional()
      .describe("MemoryMax of the unit, for example 500M, 2G or 50%"),
    tasks: z.int().min(16).max(1_000_000).default(512).describe("TasksMax of the unit"),
    unit: z
      .array(texts.unitEntry)
      .default([])
      .describe(
        "Further lines of the unit's [Service] section, after Greenpush's own; they can loosen the sandbox, for example ReadWritePaths=/srv/data",
      ),
    options: z
      .array(texts.gunicornOption)
      .default([])
      .describe("Further options of gunicorn, for example --max-requests=1000"),
  })
  .prefault({});
