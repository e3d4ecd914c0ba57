// @ts-check
"use strict";

/** Seconds between two signs of life of a long step. */
const heartbeat = 10;

/**
 * Print what a step does, and how long it took.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function step(name, work) {
  const begun = Date.now();
  const seconds = () => ((Date.now() - begun) / 1000).toFixed(1);
  process.stderr.write(`==> ${name}\n`);
  const beat = setInterval(() => process.stderr.write(`    … ${seconds()} s\n`), heartbeat * 1000);
  try {
    const result = await work();
    process.stderr.write(`    ${seconds()} s\n`);
    return result;
  } finally {
    clearInterval(beat);
  }
}

/** A failure that is shown without a stack trace. */
class SetupError extends Error {}

module.exports = { step, SetupError };
