import { z } from "zod";
import { shown } from "../printable";

const forms = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);

/** An address of the network, or a range of them. */
export const address = z.string().refine((text) => forms.safeParse(text).success, {
  error: ({ input }) =>
    `is ${shown(input)}, wanted an address or a network, as 203.0.113.7 or 10.0.0.0/8`,
});

/** Addresses and ranges. */
export const addresses = z.array(forms);

/** Those of proxies, or the name of a list of them (stacks/proxies). */
export const proxies = z.array(z.union([...forms.options, z.literal("cloudflare")]));
