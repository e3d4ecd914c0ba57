// @ts-check
"use strict";
// Random text of given kinds of characters, each character equally likely.

const { randomInt } = require("node:crypto");

const digits = "0123456789";
const lowerCase = "abcdefghijklmnopqrstuvwxyz";
const upperCase = lowerCase.toUpperCase();
const defaultSpecial = "!@#$%&*()-_=+[]{}<>:?";

/**
 * @typedef {object} TextRules
 * @property {number} length
 * @property {boolean} lower
 * @property {boolean} upper
 * @property {boolean} numeric
 * @property {boolean} special
 * @property {number} minLower
 * @property {number} minUpper
 * @property {number} minNumeric
 * @property {number} minSpecial
 * @property {string} overrideSpecial the special characters; empty: the usual ones
 */

/**
 * @param {TextRules} rules
 * @returns {string}
 */
function randomText(rules) {
  const specials = rules.overrideSpecial || defaultSpecial;
  const all =
    (rules.upper ? upperCase : "") +
    (rules.lower ? lowerCase : "") +
    (rules.numeric ? digits : "") +
    (rules.special ? specials : "");
  const least =
    pick(digits, rules.minNumeric) +
    pick(lowerCase, rules.minLower) +
    pick(upperCase, rules.minUpper) +
    pick(specials, rules.minSpecial);
  return shuffle(least + pick(all, rules.length - least.length));
}

/**
 * @param {string} characters
 * @param {number} count
 */
function pick(characters, count) {
  let text = "";
  for (let i = 0; i < count; i++) text += characters[randomInt(characters.length)];
  return text;
}

/** @param {string} text */
function shuffle(text) {
  const characters = [...text];
  for (let i = characters.length - 1; i > 0; i--) {
    const j = randomInt(i + 1);
    const [a = "", b = ""] = [characters[i], characters[j]];
    [characters[i], characters[j]] = [b, a];
  }
  return characters.join("");
}

module.exports = { randomText };
