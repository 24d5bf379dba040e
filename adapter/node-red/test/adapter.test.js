'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const test = require('node:test')

const { Adapter } = require('../lib/adapter')
const { Events } = require('../lib/events')
const { Session } = require('../lib/session')

/** A server that answers with these, one after the other: [status, body, headers], or null to break the connection. */
async function scripted (answers, run) {
  const asked = []
  const server = http.createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const answer = answers.shift()
    if (!answer) { request.socket.destroy(); return }
    response.writeHead(answer[0], { 'Content-Type': 'application/json', ...answer[2] })
    response.end(JSON.stringify(answer[1]))
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const adapter = new Adapter(`http://127.0.0.1:${server.address().port}`)
  try {
    return await run(adapter, asked)
  } finally {
    adapter.close()
    server.closeAllConnections?.()
    server.close()
  }
}

const BUSY = [429, { title: 'Busy' }, { 'Retry-After': '0' }]
const LOGIN = [200, { token: 't', expiresAt: new Date(Date.now() + 30_000).toISOString() }]

test('a read is tried again where that helps', async () => {
  await scripted([BUSY, null, [503, {}], [200, { a: 1 }]], async (adapter, asked) => {
    await assert.rejects(adapter.call('GET', '/x', { repeat: true }), { status: 503 })
    assert.deepEqual(await adapter.call('GET', '/x', { repeat: true }), { a: 1 })
    assert.equal(asked.length, 4)
  })
})

test('what is not said to change nothing is asked once; a long wait is told', async () => {
  await scripted([BUSY, [429, {}, { 'Retry-After': '60' }], [404, {}]], async (adapter, asked) => {
    await assert.rejects(adapter.call('POST', '/x'), { status: 429, retryAfter: 0 })
    await assert.rejects(adapter.call('GET', '/x', { repeat: true }), { status: 429 })
    await assert.rejects(adapter.call('GET', '/x', { repeat: true }), { status: 404 })
    assert.equal(asked.length, 3)
  })
})

test('a token of a short life is used for most of it', async () => {
  await scripted([LOGIN, [200, {}], [200, {}], [204, {}]], async (adapter, asked) => {
    const session = new Session(adapter, 'r', 's')
    await session.call('GET', '/x')
    await session.call('GET', '/x')
    await session.close()
    assert.deepEqual(asked, ['POST /auth/login', 'GET /x', 'GET /x', 'POST /auth/logout'])
    await assert.rejects(session.call('GET', '/x'), { title: 'Closed' })
  })
})

test('a token that comes after the end is ended too', async () => {
  await scripted([LOGIN, [200, {}], [200, {}]], async (adapter, asked) => {
    const session = new Session(adapter, 'r', 's')
    const call = session.call('GET', '/x').catch(() => null)
    await session.close()
    await call
    assert.ok(asked.includes('POST /auth/logout'), asked.join())
  })
})

test('events that cannot be had say why, and any number may listen', async () => {
  await scripted([LOGIN, [403, { title: 'Not allowed' }]], async adapter => {
    const warnings = []
    process.on('warning', warning => warnings.push(warning))
    const events = new Events(new Session(adapter, 'r', 's'))
    for (let at = 0; at < 20; at++) events.on('changed', () => {})
    const trouble = new Promise(resolve => events.on('trouble', resolve))
    events.start()
    assert.equal((await trouble).title, 'Not allowed')
    events.close()
    await new Promise(resolve => setImmediate(resolve))
    assert.deepEqual(warnings, [])
  })
})

test('what is wrong with the configuration is said', () => {
  assert.throws(() => new Adapter('nonsense'), /address is none/)
  assert.throws(() => new Adapter('http://adapter.example'), /over https/)
  assert.throws(() => new Adapter('https://adapter.example', '/does/not/exist'), /CA cannot be read/)
})
