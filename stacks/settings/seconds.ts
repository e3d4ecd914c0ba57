import { z } from "zod";

/** A time in seconds, a day at most. */
export const seconds = z.int().min(1).max(86_400);
