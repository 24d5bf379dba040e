'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')

const { idOf, parse, referenceTo } = require('../lib/references')

test('a reference is read in its parts', () => {
  assert.deepEqual(parse('secret://global/a'), { path: 'global/a', version: undefined, field: undefined })
  assert.deepEqual(parse('secret://environment/production/db_password?version=3#user'),
    { path: 'environment/production/db_password', version: 3, field: 'user' })
})

test('what is no reference is refused', () => {
  for (const text of ['', 'db_password', 'secret://', 'secret://global/', 'secret://environment/x', 'secret://elsewhere/x/y',
    'secret://global/a?version=0', 'secret://global/a?other=1', 'https://global/a']) {
    assert.equal(parse(text), null, text)
  }
})

test("an id is what the adapter's API calls the path", () => {
  assert.equal(idOf('environment/production/db_password'), 'environment~production~db_password')
  assert.equal(idOf('global/-a b~ü'), 'global~~-2da~-20b~-7e~-c3~-bc')
})

test('a name of any characters is one reference, path and id', () => {
  const path = 'global/a b#%ü'
  assert.equal(parse(referenceTo(path)).path, path)
  assert.equal(idOf(parse(referenceTo(path)).path), idOf(path))
  assert.equal(parse('secret://global/50%'), null)
})
