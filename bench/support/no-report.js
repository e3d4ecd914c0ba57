// @ts-check
"use strict";

/**
 * A reporter of Node's test runner that prints nothing. testing/cleanup.ts needs that runner, which would otherwise print
 * that no test ran.
 *
 * @param {AsyncIterable<unknown>} events
 */
module.exports = async function* report(events) {
  for await (const event of events) void event;
};
