// @ts-check
"use strict";
// Texts as a Go program writes them: error messages of the real providers are made of these.

/** @type {{[character: string]: string}} */
const named = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
  '"': '\\"',
};

/**
 * Go's `%q`: a double-quoted string, with what can't be printed escaped.
 * @param {string} text
 * @returns {string}
 */
function quote(text) {
  let result = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (named[character]) result += named[character];
    else if (character === " " || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) {
      result += character;
    } else if (code < 0x20 || code === 0x7f) result += `\\x${hex(code, 2)}`;
    else if (code >= 0xd800 && code <= 0xdfff) result += "\\ufffd";
    else result += code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`;
  }
  return `${result}"`;
}

/**
 * @param {number} code
 * @param {number} digits
 */
function hex(code, digits) {
  return code.toString(16).padStart(digits, "0");
}

/**
 * Go's `%v` of a list of strings.
 * @param {string[]} list
 * @returns {string} for example `[none publickey]`
 */
function listText(list) {
  return `[${list.join(" ")}]`;
}

/**
 * host:port, with brackets around an IPv6 address.
 * @param {string} host
 * @param {number} port
 * @returns {string}
 */
function joinHostPort(host, port) {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What Go prints for the error numbers of connect(2). @type {{[code: string]: string}} */
const connectErrors = {
  EACCES: "permission denied",
  EADDRNOTAVAIL: "cannot assign requested address",
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset by peer",
  EHOSTUNREACH: "no route to host",
  EINVAL: "invalid argument",
  ENETUNREACH: "network is unreachable",
  ENOENT: "no such file or directory",
  ENOTSOCK: "socket operation on non-socket",
  EPERM: "operation not permitted",
  EPIPE: "broken pipe",
  ETIMEDOUT: "connection timed out",
};

/**
 * @param {string | undefined} code as in an Error's `code`
 * @returns {string | undefined} Go's words for it, if it has any
 */
function errnoText(code) {
  return code === undefined ? undefined : connectErrors[code];
}

module.exports = { errnoText, joinHostPort, listText, quote };
