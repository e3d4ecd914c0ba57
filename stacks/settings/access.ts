import { z } from "zod";
import * as texts from "../texts";
import { addresses } from "./addresses";

/** Who may look at a site, for example at a staging site. */
export const access = z
  .strictObject({
    htpasswd: texts.variable
      .optional()
      .describe(
        "The Pulumi secret with the names and passwords that let visitors in, in lines as htpasswd writes them: `npx pulumi config set --secret --path secrets.SITE.NAME`",
      ),
    addresses: addresses
      .default([])
      .describe("Addresses that are let in, for example those of an office"),
  })
  .refine(({ htpasswd, addresses: listed }) => htpasswd !== undefined || listed.length > 0, {
    error: "lets in nobody: write `htpasswd: NAME` of a secret, or `addresses`, or both",
  });
