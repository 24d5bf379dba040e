'use strict'

const { EventEmitter } = require('node:events')

const AGAIN_FIRST = 1_000
const AGAIN_MOST = 60_000

/**
 * "This secret has a new version", as the adapter tells it: emits `changed` with the secret's id, `open` and `down`, and
 * `trouble` with the error each time that it cannot connect. It connects again by itself and goes on where it was
 * (`Last-Event-ID`).
 */
class Events extends EventEmitter {
  constructor (session) {
    super()
    this.setMaxListeners(0) // one for each node
    this._session = session
    this._last = undefined
    this._wait = AGAIN_FIRST
    this._closed = false
    this.isOpen = false
  }

  start () {
    if (!this._running) this._running = this._run()
  }

  close () {
    this._closed = true
    clearTimeout(this._timer)
    this._wake?.()
    this._response?.destroy()
  }

  async _run () {
    while (!this._closed) {
      try {
        this._response = await this._session.stream('/events', { lastEventId: this._last })
        if (this._closed) { this._response.destroy(); break }
        this._wait = AGAIN_FIRST
        this._set(true)
        await this._read(this._response)
        this._set(false)
      } catch (error) {
        this._set(false)
        if (!this._closed) this.emit('trouble', error)
      }
      if (!this._closed) await this._pause()
    }
  }

  async _read (response) {
    response.setEncoding('utf8')
    let rest = ''
    for await (const part of response) {
      rest += part.replace(/\r\n?/g, '\n')
      const blocks = rest.split('\n\n')
      rest = blocks.pop()
      blocks.forEach(block => this._take(block))
    }
  }

  _take (block) {
    const field = {}
    for (const line of block.split('\n')) {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) || []
      if (name) field[name] = name === 'data' && field.data ? `${field.data}\n${value}` : value
    }
    if (field.id) this._last = field.id
    if (!['version', 'deleted', 'moved'].includes(field.event)) return
    try { this.emit('changed', JSON.parse(field.data).id, field.event) } catch { /* not ours */ }
  }

  _set (open) {
    if (this.isOpen === open) return
    this.isOpen = open
    this.emit(open ? 'open' : 'down')
  }

  _pause () {
    return new Promise(resolve => {
      this._wake = resolve
      this._timer = setTimeout(resolve, this._wait)
      this._wait = Math.min(this._wait * 2, AGAIN_MOST)
    })
  }
}

module.exports = { Events }
