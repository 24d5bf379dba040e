'use strict'

const fs = require('node:fs')
const http = require('node:http')
const https = require('node:https')

const { version } = require('../package.json')

const CLIENT = `node-red/${version}`
const TIMEOUT = 30_000
const SILENCE = 90_000
const ATTEMPTS = 3
const LONGEST_WAIT = 10_000
const LARGEST = 32 * 1024 * 1024
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]'])

/**
 * What the adapter, or the way to it, had to say: title, sentence and hint, never what was sent. `retryAfter`: the
 * milliseconds that it asks to wait, if any.
 */
class AdapterError extends Error {
  constructor (body, status, retryAfter) {
    const detail = body.detail || body.message || 'The adapter refused the request.'
    super(body.hint ? `${detail} ${body.hint}` : detail)
    this.name = 'AdapterError'
    this.status = status
    this.code = body.code
    this.title = body.title || 'Refused'
    this.retryAfter = retryAfter
  }
}

/** How long to wait before a read is repeated; null when it is not worth it, as after a timeout. */
function pause (error, attempt) {
  if (error.status === 429) {
    const wait = error.retryAfter ?? 200 * attempt
    return wait <= LONGEST_WAIT ? wait : null
  }
  return [502, 503].includes(error.status) || error.wasLost ? 200 * attempt : null
}

function retryAfter (response) {
  const text = response.headers['retry-after'] || ''
  return /^\d+$/.test(text) ? Number(text) * 1000 : undefined
}

function unreachable (error) {
  const untrusted = /certificate|self.signed|CERT_/i.test(`${error.code} ${error.message}`)
  const found = new AdapterError(untrusted
    ? { title: 'Not trusted', code: 'unreachable', detail: "The adapter's certificate is not trusted.", hint: 'Give its CA in the configuration node.' }
    : { title: 'Unreachable', code: 'unreachable', detail: 'The adapter does not answer.', hint: 'Check its address, and that it runs.' }, 0)
  found.wasLost = !untrusted && error.code !== 'ETIMEDOUT'
  return found
}

/** The HTTP API of one adapter. Certificates are always checked; plain http is for loopback only. */
class Adapter {
  constructor (address, caFile) {
    const url = parsed(address)
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname))) {
      throw new AdapterError({ title: 'Not valid', detail: 'The adapter is reached over https, or on loopback over http.' }, 0)
    }
    this._base = url.href.replace(/\/+$/, '')
    this._module = url.protocol === 'https:' ? https : http
    const options = { keepAlive: true, maxSockets: 8 }
    if (caFile && url.protocol === 'https:') options.ca = readFile(caFile, "The file of the adapter's CA")
    this._agent = new this._module.Agent(options)
  }

  /**
   * The answer's JSON; rejects with an AdapterError. `reason` and the client's name go into the vault's log.
   * `repeat`: it changes nothing, so it is tried again when nobody answers or the vault is busy.
   */
  async call (method, path, { repeat = false, ...options } = {}) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this._call(method, path, options)
      } catch (error) {
        const wait = repeat && attempt < ATTEMPTS ? pause(error, attempt) : null
        if (wait === null) throw error
        await new Promise(resolve => setTimeout(resolve, wait))
      }
    }
  }

  async _call (method, path, { token, body, reason }) {
    const response = await this._send(method, path, { token, body, reason, accept: 'application/json' })
    const text = await read(response)
    let content = {}
    try { content = text ? JSON.parse(text) : {} } catch { content = {} }
    if (response.statusCode >= 400) throw new AdapterError(content, response.statusCode, retryAfter(response))
    return content
  }

  /** An open stream of server-sent events; rejects with an AdapterError. */
  async stream (path, { token, lastEventId }) {
    const response = await this._send('GET', path, { token, lastEventId, accept: 'text/event-stream' })
    if (response.statusCode === 200) return response
    const text = await read(response)
    let content = {}
    try { content = JSON.parse(text) } catch { content = {} }
    throw new AdapterError(content, response.statusCode)
  }

  close () { this._agent.destroy() }

  _send (method, path, { token, body, reason, lastEventId, accept }) {
    const headers = { Accept: accept, 'X-Status-Client': CLIENT }
    if (token) headers.Authorization = `Bearer ${token}`
    if (reason) headers['X-Status-Reason'] = Buffer.from(reason).toString('latin1')
    if (lastEventId) headers['Last-Event-ID'] = lastEventId
    const payload = body === undefined ? undefined : JSON.stringify(body)
    if (payload !== undefined) {
      headers['Content-Type'] = 'application/json'
      headers['Content-Length'] = Buffer.byteLength(payload)
    }
    return new Promise((resolve, reject) => {
      const request = this._module.request(`${this._base}${path}`, { method, headers, agent: this._agent }, resolve)
      // A stream that is silent for longer than between two signs of life leads nowhere any more.
      const timeout = accept === 'application/json' ? TIMEOUT : SILENCE
      request.setTimeout(timeout, () => request.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })))
      request.on('error', error => reject(unreachable(error)))
      request.end(payload)
    })
  }
}

function parsed (address) {
  try {
    return new URL(address)
  } catch {
    throw new AdapterError({ title: 'Not valid', detail: "The adapter's address is none.", hint: 'Write https://HOST:8350/api/v1.' }, 0)
  }
}

/** A small file as text. Throws an AdapterError that names `what`, never the path's content. */
function readFile (file, what) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    throw new AdapterError({ title: 'Not valid', detail: `${what} cannot be read.`, hint: 'Check its path and who may read it.' }, 0)
  }
}

async function read (response) {
  const parts = []
  let size = 0
  try {
    for await (const part of response) {
      size += part.length
      if (size > LARGEST) throw new Error('too large')
      parts.push(part)
    }
  } catch (error) {
    throw unreachable(error)
  }
  return Buffer.concat(parts).toString('utf8')
}

module.exports = { Adapter, AdapterError, readFile }
