'use strict'

const { Adapter, AdapterError, readFile } = require('../lib/adapter')
const { Events } = require('../lib/events')
const { idOf, parse, referenceTo } = require('../lib/references')
const { Session } = require('../lib/session')
const { Store } = require('../lib/store')

const REASON_BYTES = 300

module.exports = function (RED) {
  /** Where the adapter is, and who this Node-RED is to it: an AppRole, typed here or in the environment. */
  function Configuration (config) {
    RED.nodes.createNode(this, config)
    try {
      const adapter = new Adapter(config.url, config.ca)
      const session = new Session(adapter, roleId(this), secretId(this))
      this.session = session
      this.events = new Events(session)
      this.store = new Store(session, this.events)
      this.on('close', done => {
        this.events.close()
        this.store.clear()
        session.close().finally(() => { adapter.close(); done() })
      })
    } catch (error) {
      this.problem = said(error)
      this.error(this.problem)
    }
  }

  RED.nodes.registerType('status-secrets-config', Configuration, {
    credentials: { roleId: { type: 'text' }, secretId: { type: 'password' } }
  })

  /** Puts secrets into each message that passes. */
  function StatusSecrets (config) {
    RED.nodes.createNode(this, config)
    const node = this
    const source = RED.nodes.getNode(config.source)
    const wanted = (config.secrets || []).filter(one => one.reference)
    const problem = found(source, wanted)
    if (problem) {
      node.status({ fill: 'red', shape: 'ring', text: problem })
      node.on('input', (msg, send, done) => done(new Error(problem)))
      return
    }
    const ids = new Set(wanted.map(one => idOf(parse(one.reference).path)))
    const keep = Boolean(config.keep)
    const reason = reasonOf(node, config)
    const onChange = (id, event) => {
      if (!ids.has(id)) return
      node.status({ fill: 'blue', shape: 'dot', text: event === 'version' ? 'new version' : event })
      if (config.announce && event === 'version') node.receive({ topic: 'new version' })
    }
    const onTrouble = error => node.status({ fill: 'yellow', shape: 'ring', text: `new versions: ${error.title || 'not told'}` })
    const onOpen = () => node.status({ fill: 'grey', shape: 'ring', text: 'waits for new versions' })
    node.status({ fill: 'grey', shape: 'ring', text: 'not used yet' })
    if (keep || config.announce) {
      source.events.on('changed', onChange).on('trouble', onTrouble).on('open', onOpen)
      source.events.start()
    }

    node.on('input', async (msg, send, done) => {
      try {
        const values = await source.store.get(wanted.map(one => one.reference), { keep, reason })
        wanted.forEach((one, at) => RED.util.setMessageProperty(msg, one.property || nameOf(one.reference), values[at], true))
        node.status({ fill: 'green', shape: 'dot', text: wanted.length === 1 ? 'ready' : `${wanted.length} secrets` })
        send(msg)
        done()
      } catch (error) {
        node.status({ fill: 'red', shape: 'ring', text: error.title || 'failed' })
        done(new Error(said(error)))
      }
    })
    node.on('close', () => source.events.off('changed', onChange).off('trouble', onTrouble).off('open', onOpen))
  }

  RED.nodes.registerType('status-secrets', StatusSecrets)

  /** What the editor's drop-down offers: the references that this component may use; never a value. */
  RED.httpAdmin.get('/status-secrets/:id/references', RED.auth.needsPermission('status-secrets.read'), async (request, response) => {
    const source = RED.nodes.getNode(request.params.id)
    if (!source?.session) {
      response.status(404).json({ message: 'Deploy the configuration first; then its secrets can be chosen here.' })
      return
    }
    try {
      const secrets = await source.session.call('GET', '/secrets', { repeat: true })
      response.json(secrets.filter(one => one.scope).map(one => ({ reference: referenceTo(`${one.scope}/${one.name}`), type: one.type, description: one.description })))
    } catch (error) {
      response.status(502).json({ message: said(error) })
    }
  })

  function roleId (node) {
    const id = node.credentials.roleId || process.env.STATUS_ROLE_ID
    if (!id) throw new AdapterError({ detail: 'There is no role id.', hint: 'Type it, or set STATUS_ROLE_ID.' }, 0)
    return id
  }

  function secretId (node) {
    const file = process.env.STATUS_SECRET_ID_FILE
    const id = node.credentials.secretId || process.env.STATUS_SECRET_ID || (file && readFile(file, 'The file that STATUS_SECRET_ID_FILE names').trim())
    if (!id) throw new AdapterError({ detail: 'There is no secret id.', hint: 'Type it, or set STATUS_SECRET_ID_FILE.' }, 0)
    return id
  }

  function found (source, wanted) {
    if (!source) return 'no configuration'
    if (source.problem) return source.problem
    if (!wanted.length) return 'no secret chosen'
    const wrong = wanted.find(one => !parse(one.reference))
    return wrong ? 'not a reference: secret://scope/name' : ''
  }

  function reasonOf (node, config) {
    const text = `flow ${node.z || '?'}${config.name ? ` "${config.name}"` : ''}`.replace(/[^\P{C}]|[\p{Zl}\p{Zp}]/gu, ' ')
    let cut = text
    while (Buffer.byteLength(cut) > REASON_BYTES) cut = cut.slice(0, -1)
    return cut
  }

  function nameOf (reference) {
    const { path, field } = parse(reference)
    const name = path.split('/').pop().replace(/[^A-Za-z0-9_]/g, '_')
    return `secrets.${/^\d/.test(name) ? '_' : ''}${name}${field ? `_${field.replace(/[^A-Za-z0-9_]/g, '_')}` : ''}`
  }

  function said (error) {
    return error instanceof AdapterError ? error.message : 'The secrets could not be fetched.'
  }
}
