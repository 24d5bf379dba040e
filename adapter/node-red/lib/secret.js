'use strict'

const MASK = '********'

/**
 * A secret's value that goes through a flow: it is a string wherever a string is made of it, and a mask wherever it
 * would be shown or stored.
 *
 * `String(secret)`, `'Bearer ' + secret`, templates, and the headers of an HTTP request give the value; `toString()`,
 * JSON, the debug panel, `console.log` and file-backed context give the mask. Node-RED copies messages with
 * lodash's cloneDeep, which makes a copy of a String object with its constructor: that is why it is a String.
 */
class Secret extends String {
  [Symbol.toPrimitive] () { return super.valueOf() }

  valueOf () { return super.valueOf() }

  toString () { return MASK }

  toJSON () { return MASK }

  [Symbol.for('nodejs.util.inspect.custom')] () { return MASK }
}

module.exports = { MASK, Secret }
