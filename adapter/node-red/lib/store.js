'use strict'

const { AdapterError } = require('./adapter')
const { idOf, parse } = require('./references')
const { Secret } = require('./secret')

/** Values for the nodes of one configuration: fetched together, kept only while the events say what is new. */
class Store {
  constructor (session, events) {
    this._session = session
    this._events = events
    this._kept = new Map()
    this._changes = 0
    events.on('changed', id => this._forget(id))
    events.on('down', () => this.clear())
  }

  /** The secrets of `references`, in order; rejects when any of them is not to be had: never a part of them. */
  async get (references, { keep, reason }) {
    const kept = keep ? new Map(this._kept) : new Map()
    const missing = [...new Set(references.filter(one => !kept.has(one)))]
    const begun = this._changes
    const fetched = missing.length ? await this._fetch(missing, reason) : new Map()
    if (keep && this._events.isOpen && begun === this._changes) {
      fetched.forEach((value, one) => this._kept.set(one, value))
    }
    return references.map(one => fetched.get(one) ?? kept.get(one))
  }

  clear () { this._changes++; this._kept.clear() }

  async _fetch (references, reason) {
    const answer = await this._session.call('POST', '/resolve', { body: { refs: references }, reason, repeat: true })
    const refused = answer.results.filter(one => one.error != null)
    if (refused.length) throw refusal(refused, references.length)
    return new Map(answer.results.map(one => [one.ref, new Secret(one.value)]))
  }

  _forget (id) {
    this._changes++
    for (const one of this._kept.keys()) {
      const reference = parse(one)
      if (reference && idOf(reference.path) === id) this._kept.delete(one)
    }
  }
}

function refusal (refused, asked) {
  const [first] = refused
  const more = refused.length > 1 ? ` (and ${refused.length - 1} more of ${asked})` : ''
  return new AdapterError({ title: 'No secret', code: first.error, detail: `${first.ref}: ${first.message}${more}` }, 404)
}

module.exports = { Store }
