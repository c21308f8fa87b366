// The redirect URIs that a client may register.
import { expect, test } from 'vitest'
import { redirectUriFault } from '../../src/clients/redirect-uri.ts'

test.each([
  'https://app.example/callback?kind=web',
  'http://localhost:3000/callback',
  'http://127.0.0.1/callback',
  'http://[::1]:8080/',
  'com.example.app:/callback',
  'com.example.app://callback',
])('a client may register %s (A1)', (uri) => {
  expect(redirectUriFault(uri)).toBeUndefined()
})

test.each([
  ['/callback', /absolute/],
  ['app.example/callback', /absolute/],
  ['https://app.example/*', /wildcard/],
  ['https://app.example/a b', /space/],
  ['https://app.example\\@evil.example/', /backslash/],
  ['https://app.example/\ncallback', /control character/],
  ['https://앱.example/', /ASCII/],
  ['https://app.example/#', /fragment/],
  ['https://jane@app.example/', /user name/],
  ['https://:hunter2@app.example/', /password/],
  ['http://app.example/', /must use https, because/],
  ['http://127.0.0.2/', /must use https, because/],
  ['http://localhost.example/', /must use https, because/],
  ['javascript:alert(1)', /private scheme/],
  ['data:text/html,x', /private scheme/],
  ['myapp:/callback', /private scheme/],
])('no client may register %j (A1)', (uri, fault) => {
  expect(redirectUriFault(uri)).toMatch(fault)
})
