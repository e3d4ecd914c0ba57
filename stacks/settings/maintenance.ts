import { z } from "zod";
import { address } from "./addresses";
import { seconds } from "./seconds";

/** What `deploy maintenance on` means for visitors. */
export const maintenance = z
  .strictObject({
    allow: z
      .array(address)
      .default([])
      .describe(
        "Addresses that are let in during maintenance, as nginx sees the visitor, for example 203.0.113.7 or 10.0.0.0/8",
      ),
    retryAfter: seconds
      .default(300)
      .describe("Seconds after which browsers and crawlers are told to try again (Retry-After)"),
  })
  .prefault({});
