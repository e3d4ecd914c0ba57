const begun = performance.now();

/** Print what was done last, and how long the bench has run. */
export function progress(what: string): void {
  const seconds = Math.round((performance.now() - begun) / 1000);
  process.stderr.write(`[${String(seconds).padStart(4)} s] ${what}\n`);
}
