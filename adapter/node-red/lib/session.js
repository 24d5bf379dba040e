'use strict'

const { AdapterError } = require('./adapter')

const RENEW_BEFORE = 60_000 // at most; a third of a shorter life

/** A component's session: signs in by AppRole when first needed, again when its token nears its end or is refused. */
class Session {
  constructor (adapter, roleId, secretId) {
    this._adapter = adapter
    this._credentials = { roleId, secretId }
    this._token = null
    this._ends = 0
    this._signingIn = null
    this._closed = false
  }

  async call (method, path, options = {}) {
    return this._signedIn(token => this._adapter.call(method, path, { ...options, token }))
  }

  async stream (path, options = {}) {
    return this._signedIn(token => this._adapter.stream(path, { ...options, token }))
  }

  async close () {
    this._closed = true
    const token = this._token
    this._token = null
    if (token) {
      try { await this._adapter.call('POST', '/auth/logout', { token, body: {} }) } catch { /* it ends by itself */ }
    }
  }

  async _signedIn (act) {
    const token = await this._current()
    try {
      return await act(token)
    } catch (error) {
      if (error.status !== 401) throw error
      if (this._token === token) this._token = null
      return act(await this._current())
    }
  }

  async _current () {
    if (this._closed) throw new AdapterError({ title: 'Closed', detail: 'The flow was stopped or deployed anew.' }, 0)
    if (this._token && Date.now() < this._ends) return this._token
    this._signingIn ??= this._signIn().finally(() => { this._signingIn = null })
    return this._signingIn
  }

  async _signIn () {
    const body = { method: 'approle', ...this._credentials }
    const answer = await this._adapter.call('POST', '/auth/login', { body })
    const left = answer.expiresAt ? Date.parse(answer.expiresAt) - Date.now() : Infinity
    this._token = answer.token
    this._ends = Date.now() + left - Math.min(RENEW_BEFORE, left / 3)
    if (this._closed) await this.close() // meanwhile: the token would live on
    return answer.token
  }
}

module.exports = { Session }
