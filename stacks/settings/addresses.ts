import { z } from "zod";

/** An address, or a range of addresses. */
const address = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()]);

/** Addresses and ranges. */
export const addresses = z.array(address);

/** Those of proxies, or the name of a list of them (stacks/proxies). */
export const proxies = z.array(z.union([...address.options, z.literal("cloudflare")]));
