// An identity provider for browsers, over https on this machine: it asks who somebody is and believes
// it. What it says in the panel's tests of all lies is server/tests/panel/fake_provider.rs.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { ok } from './run.mjs'

const client = 'carina'
const secret = 'between the two of us'
const fresh = () => randomBytes(24).toString('base64url')
const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

export class Provider {
  /** `people`: who may say to be whom, as `{ subject, name, groups }`. */
  static async start(people) {
    const provider = new Provider()
    provider.people = people
    /** Claims of the next answers that are not as they should be. */
    provider.lies = {}
    /** What the last sign-in asked for. */
    provider.asked = undefined
    provider.grants = new Map()
    provider.key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    provider.dir = await mkdtemp(path.join(os.tmpdir(), 'carina-provider-'))
    provider.authority = await authority(provider.dir, 'ours')
    await writeFile(path.join(provider.dir, 'secret'), secret, { mode: 0o600 })
    const leaf = await certificate(provider.dir, provider.authority)
    provider.server = https.createServer(leaf, (request, response) => {
      provider.answer(request, response).catch((error) => response.writeHead(500).end(String(error)))
    })
    await new Promise((resolve, reject) => provider.server.once('error', reject).listen(0, '127.0.0.1', resolve))
    provider.issuer = `https://localhost:${provider.server.address().port}`
    return provider
  }

  /** What a panel has to know, as lines of its configuration. */
  settings({ authority = this.authority } = {}) {
    return `
[oidc]
issuer = "${this.issuer}"
client_id = "${client}"
client_secret_file = "${path.join(this.dir, 'secret')}"
ca_file = "${authority}"
name = "Example"
roles = { operators = "administrator", staff = "member" }
role_else = "none"
`
  }

  /** An authority that this provider has nothing to do with. */
  otherAuthority() {
    return authority(this.dir, 'another')
  }

  async answer(request, response) {
    const url = new URL(request.url, this.issuer)
    const json = (value, status = 200) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
    switch (url.pathname) {
      case '/.well-known/openid-configuration': return json(this.metadata())
      case '/keys': return json({ keys: [{ ...this.key.publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'ES256', kid: 'one' }] })
      case '/authorize': return response.writeHead(200, { 'content-type': 'text/html' }).end(this.question(url.searchParams))
      case '/answered': {
        const to = this.answered(new URLSearchParams(await text(request)))
        return response.writeHead(303, { location: to }).end()
      }
      case '/token': {
        const form = new URLSearchParams(await text(request))
        const token = this.token(request.headers.authorization, form)
        return token ? json({ access_token: fresh(), token_type: 'Bearer', id_token: token }) : json({ error: 'invalid_grant' }, 400)
      }
      default: return response.writeHead(404).end()
    }
  }

  metadata() {
    const at = (tail) => `${this.issuer}/${tail}`
    return {
      issuer: this.issuer, authorization_endpoint: at('authorize'), token_endpoint: at('token'), jwks_uri: at('keys'),
      response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256'],
    }
  }

  /** The page that asks. */
  question(asked) {
    this.asked = Object.fromEntries(asked)
    const buttons = this.people.map(({ name }) => `<button name="who" value="${name}">I am ${name}</button>`)
    return `<!doctype html><html lang="en"><head><title>Example</title><link rel="icon" href="data:,"></head>
      <body><h1>Who are you?</h1><form method="post" action="/answered">${buttons.join(' ')} <button name="who" value="">Leave</button></form></body></html>`
  }

  /** Where the browser goes back to. */
  answered(form) {
    const { redirect_uri, state, nonce, code_challenge } = this.asked
    const back = new URL(redirect_uri)
    const person = this.people.find(({ name }) => name === form.get('who'))
    back.searchParams.set('state', state)
    back.searchParams.set('iss', this.issuer)
    if (!person) {
      back.searchParams.set('error', 'access_denied')
      return back.href
    }
    const code = fresh()
    this.grants.set(code, { person, nonce, code_challenge, redirect_uri })
    back.searchParams.set('code', code)
    return back.href
  }

  /** For the panel itself: nothing, unless it is the one who asked, with its proof, for the first time. */
  token(authorization, form) {
    const basic = [client, secret].map((part) => encodeURIComponent(part).replaceAll('%20', '+')).join(':')
    const grant = this.grants.get(form.get('code'))
    this.grants.delete(form.get('code'))
    const proof = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url')
    if (authorization !== `Basic ${Buffer.from(basic).toString('base64')}` || !grant) return undefined
    if (proof !== grant.code_challenge || form.get('redirect_uri') !== grant.redirect_uri) return undefined
    const now = Math.floor(Date.now() / 1000)
    const { person: { subject, name, groups }, nonce } = grant
    const claims = {
      iss: this.issuer, sub: subject, aud: client, iat: now, exp: now + 300, auth_time: now, nonce,
      preferred_username: `${name}@example.org`, groups, ...this.lies,
    }
    const signed = `${encoded({ typ: 'JWT', alg: 'ES256', kid: 'one' })}.${encoded(claims)}`
    const signature = sign('sha256', signed, { key: this.key.privateKey, dsaEncoding: 'ieee-p1363' })
    return `${signed}.${signature.toString('base64url')}`
  }

  async stop() {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
    await rm(this.dir, { recursive: true, force: true })
  }
}

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** The path of a new authority's certificate. */
async function authority(dir, name) {
  const cert = path.join(dir, `${name}.pem`)
  await ok('openssl', ['req', '-x509', ...key, '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${cert}.key`, '-out', cert])
  return cert
}

/** Of this machine, signed by an authority, as a server takes it. */
async function certificate(dir, by) {
  const at = (name) => path.join(dir, name)
  await ok('openssl', ['req', ...key, '-subj', '/CN=localhost', '-keyout', at('leaf.key'), '-out', at('leaf.csr')])
  await writeFile(at('leaf.ext'), 'subjectAltName = DNS:localhost\nbasicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\n')
  await ok('openssl', ['x509', '-req', '-in', at('leaf.csr'), '-CA', by, '-CAkey', `${by}.key`, '-CAcreateserial', '-days', '2',
    '-extfile', at('leaf.ext'), '-out', at('leaf.pem')])
  return { key: await readFile(at('leaf.key')), cert: await readFile(at('leaf.pem')) }
}
