const begun = performance.now();

/** Tell the person who waits what was done last, and since when they wait. */
export function progress(what: string): void {
  const seconds = Math.round((performance.now() - begun) / 1000);
  process.stderr.write(`[${String(seconds).padStart(4)} s] ${what}\n`);
}
