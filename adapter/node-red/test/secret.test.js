'use strict'

const assert = require('node:assert/strict')
const http = require('node:http')
const test = require('node:test')
const util = require('node:util')

const { util: red } = require('node-red/lib/red')
const { MASK, Secret } = require('../lib/secret')

const CANARY = 'canary-Zb4!x'
const secret = new Secret(CANARY)

test('it is a string wherever a string is made of it', () => {
  assert.equal(String(secret), CANARY)
  assert.equal(`Bearer ${secret}`, `Bearer ${CANARY}`)
  assert.equal('' + secret, CANARY)
  assert.equal(secret.length, CANARY.length)
  assert.equal(secret.slice(0, 6), 'canary')
})

test('it is a mask wherever it would be shown or stored', () => {
  assert.equal(JSON.stringify({ secret }), `{"secret":"${MASK}"}`)
  assert.equal(secret.toString(), MASK)
  assert.ok(!util.inspect({ deep: [secret] }).includes(CANARY))
})

test("it survives Node-RED's copying of messages", () => {
  const copy = red.cloneMessage({ secrets: { one: secret } }).secrets.one
  assert.ok(copy instanceof Secret)
  assert.notEqual(copy, secret)
  assert.equal(`${copy}`, CANARY)
  assert.equal(JSON.stringify(copy), `"${MASK}"`)
})

test("the debug panel's encoding shows the mask, at whatever depth", () => {
  for (const msg of [secret, { secret }, [secret], { deep: { secret: [secret] } }, new Map([['a', secret]]), new Set([secret])]) {
    const shown = JSON.stringify(red.encodeObject({ msg: red.cloneMessage({ msg }).msg }))
    assert.ok(!shown.includes(CANARY), shown)
    assert.ok(shown.includes(MASK), shown)
  }
})

test('an HTTP header takes it as the text that it is', async () => {
  const seen = new Promise(resolve => {
    const server = http.createServer((request, response) => {
      response.end()
      server.close()
      resolve(request.headers['x-api-key'])
    }).listen(0, '127.0.0.1', () => {
      http.get({ host: '127.0.0.1', port: server.address().port, headers: { 'X-API-Key': secret } })
    })
  })
  assert.equal(await seen, CANARY)
})
