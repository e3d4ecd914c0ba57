// @ts-check
"use strict";
// Shows the progress of a long step on stderr: one line that is rewritten on a terminal, else a line now
// and then.

const everyMs = 5000;
const spinnerMs = 120;
const frames = ["|", "/", "-", "\\"];

/**
 * @param {string} message
 */
function say(message) {
  process.stderr.write(`greenpush: ${message}\n`);
}

class Progress {
  /** @param {string} what for example "building Pulumi" */
  constructor(what) {
    this.what = what;
    this.detail = "";
    this.started = Date.now();
    this.frame = 0;
    const { isTTY } = process.stderr;
    if (!isTTY) say(`${what} ...`);
    this.timer = setInterval(
      () => (isTTY ? this.spin() : say(this.line())),
      isTTY ? spinnerMs : everyMs,
    );
  }

  /** @param {string} detail what is going on within the step */
  update(detail) {
    this.detail = detail;
  }

  line() {
    const seconds = Math.round((Date.now() - this.started) / 1000);
    const time =
      seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    return `${this.what}${this.detail ? `: ${this.detail}` : ""} (${time})`;
  }

  spin() {
    const frame = frames[this.frame++ % frames.length];
    process.stderr.write(`\r\x1b[K${frame} ${this.line()}`);
  }

  /** @param {string} outcome the last line, for example "done" */
  finish(outcome) {
    clearInterval(this.timer);
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
    this.detail = outcome;
    say(this.line());
  }
}

module.exports = { Progress, say };
