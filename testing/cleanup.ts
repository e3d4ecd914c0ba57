import { after } from "node:test";

type Cleanup = () => unknown;

const cleanups: Cleanup[] = [];

/** Undo something when this file's tests have ended, also after a failure or a signal. The last one is undone first. */
export function cleanUp(cleanup: Cleanup): void {
  cleanups.push(cleanup);
}

async function undoAll(): Promise<void> {
  for (let cleanup = cleanups.pop(); cleanup; cleanup = cleanups.pop()) await cleanup();
}

after(undoAll);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void undoAll().finally(() => process.exit(1)));
}
