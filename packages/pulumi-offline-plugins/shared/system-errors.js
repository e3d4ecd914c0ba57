// @ts-check
"use strict";
// Errors of the system, in the words of Pulumi's own providers.

const { getSystemErrorMap } = require("node:util");

/**
 * @param {NodeJS.ErrnoException} error
 * @returns {string} such as `connection refused`
 */
function errorText(error) {
  return getSystemErrorMap().get(error.errno ?? 0)?.[1] ?? error.message;
}

/**
 * @param {string} host
 * @param {number} port
 * @returns {string} host:port, with brackets around an IPv6 address
 */
function joinHostPort(host, port) {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

module.exports = { errorText, joinHostPort };
