'use strict'

/** `secret://<scope>/<name>`, with `?version=N` and `#field` where wanted: its parts, null for anything else. */
function parse (reference) {
  const match = /^secret:\/\/((?:global|(?:environment|service|custom)\/[^/?#]+)\/[^?#]+)(?:\?version=([1-9]\d*))?(?:#(.+))?$/.exec(reference)
  try {
    return match && {
      path: decodeURIComponent(match[1]),
      version: match[2] && Number(match[2]),
      field: match[3] && decodeURIComponent(match[3])
    }
  } catch { // a % that is none
    return null
  }
}

/** The reference to a path: what is not plain is percent-encoded. */
function referenceTo (path) {
  return `secret://${path.split('/').map(encodeURIComponent).join('/')}`
}

/** The id that the adapter's API and events know a path by. */
function idOf (path) {
  return path.split('/').map(segment => [...Buffer.from(segment)].map((byte, index) => {
    const plain = /[A-Za-z0-9._-]/.test(String.fromCharCode(byte)) && !(index === 0 && byte === 0x2d)
    return plain ? String.fromCharCode(byte) : `~-${byte.toString(16).padStart(2, '0')}`
  }).join('')).join('~')
}

module.exports = { parse, idOf, referenceTo }
