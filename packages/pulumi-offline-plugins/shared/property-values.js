// @ts-check
"use strict";
// Pulumi's property values: how they travel in a google.protobuf.Struct, and how they look in here.
//
// A value is plain JSON, or one of two markers: Secret (a value that state has to encrypt) and
// Unknown (a value that a preview can't know yet). Assets, archives and resource references stay
// the plain objects they travel as: no provider here looks inside them.

const { Struct } = require("google-protobuf/google/protobuf/struct_pb.js");

/** @typedef {null | boolean | number | string | Secret | Unknown | PropertyArray | PropertyMap} PropertyValue */
/** @typedef {PropertyValue[]} PropertyArray */
/** @typedef {{[key: string]: PropertyValue}} PropertyMap */
/** @typedef {string | number} PathElement */

class Secret {
  /** @param {PropertyValue} element what is secret; never itself a Secret */
  constructor(element) {
    this.element = element;
  }
}

class Unknown {
  /** @param {boolean} secret whether the value will be a secret once it is known */
  constructor(secret) {
    this.secret = secret;
  }
}

// The protocol's own constants. The SDK has them in runtime/rpc, which takes 0.15 s to load.
const signatureKey = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const unknownString = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Unknown values are strings, one for each type; which type it was makes no difference here. */
const unknownStrings = new Set([
  unknownString,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/**
 * @param {unknown} value
 * @returns {value is PropertyMap}
 */
function isObject(value) {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Secret) &&
    !(value instanceof Unknown)
  );
}

/**
 * Marks a value as secret. A value that is secret already stays as it is.
 * @param {PropertyValue} value
 * @returns {PropertyValue}
 */
function makeSecret(value) {
  if (value instanceof Secret) return value;
  if (value instanceof Unknown) return new Unknown(true);
  return new Secret(value);
}

/**
 * The value without any Secret marker, at any depth. Unknown markers stay.
 * @param {PropertyValue} value
 * @returns {PropertyValue}
 */
function withoutSecrets(value) {
  if (value instanceof Secret) return withoutSecrets(value.element);
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (isObject(value)) return mapObject(value, withoutSecrets);
  return value;
}

/**
 * @param {PropertyMap} object
 * @param {(value: PropertyValue, key: string) => PropertyValue} change
 * @returns {PropertyMap}
 */
function mapObject(object, change) {
  /** @type {PropertyMap} */
  const result = {};
  for (const key of Object.keys(object)) result[key] = change(object[key] ?? null, key);
  return result;
}

/**
 * Reads a protobuf Struct. Entries of objects that are null are left out, as the real providers do.
 * @param {Struct | undefined} struct
 * @returns {PropertyMap}
 */
function fromStruct(struct) {
  if (!struct) return {};
  const value = revive(/** @type {PropertyValue} */ (struct.toJavaScript()));
  return isObject(value) ? value : {};
}

/**
 * @param {PropertyValue} raw
 * @returns {PropertyValue}
 */
function revive(raw) {
  if (typeof raw === "string") return unknownStrings.has(raw) ? new Unknown(false) : raw;
  if (Array.isArray(raw)) return raw.map(revive);
  if (!isObject(raw)) return raw;
  const signature = raw[signatureKey];
  if (signature === secretSignature) return makeSecret(revive(raw["value"] ?? null));
  if (signature === outputSignature) {
    const secret = raw["secret"] === true;
    if (raw["value"] === undefined) return new Unknown(secret);
    const value = revive(raw["value"]);
    return secret ? makeSecret(value) : value;
  }
  /** @type {PropertyMap} */
  const result = {};
  for (const [key, value] of Object.entries(raw)) if (value !== null) result[key] = revive(value);
  return result;
}

/**
 * Writes a protobuf Struct. Entries of objects that are null are left out.
 * @param {PropertyMap} properties
 * @returns {Struct}
 */
function toStruct(properties) {
  const raw = dehydrate(properties);
  return Struct.fromJavaScript(
    /** @type {Parameters<typeof Struct.fromJavaScript>[0]} */ (isObject(raw) ? raw : {}),
  );
}

/**
 * @param {PropertyValue} value
 * @returns {PropertyValue}
 */
function dehydrate(value) {
  if (value instanceof Secret) {
    return { [signatureKey]: secretSignature, value: dehydrate(value.element) };
  }
  if (value instanceof Unknown) {
    return value.secret ? { [signatureKey]: outputSignature, secret: true } : unknownString;
  }
  if (Array.isArray(value)) return value.map(dehydrate);
  if (!isObject(value)) return value;
  /** @type {PropertyMap} */
  const result = {};
  for (const [key, entry] of Object.entries(value)) {
    if (entry !== null && entry !== undefined) result[key] = dehydrate(entry);
  }
  return result;
}

/**
 * A property path as Pulumi writes it: `a.b[0]["odd key"]`.
 * @param {PathElement[]} path
 * @returns {string}
 */
function pathToString(path) {
  return path
    .map((element, i) => {
      if (typeof element === "number") return `[${element}]`;
      if (/[^A-Za-z0-9_]/.test(element)) return `["${element.replaceAll('"', '\\"')}"]`;
      return i === 0 ? element : `.${element}`;
    })
    .join("");
}

module.exports = {
  Secret,
  Unknown,
  fromStruct,
  isObject,
  makeSecret,
  mapObject,
  pathToString,
  toStruct,
  withoutSecrets,
};
