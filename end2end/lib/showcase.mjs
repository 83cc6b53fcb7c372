// A panel with something on every page: a simulated cluster in use, a person who asks for more, tokens,
// certificates. What the sweep looks at, the pictures are taken of, and Lighthouse measures.
import { createHmac } from 'node:crypto'
import { Panel } from './panel.mjs'
import { until } from './run.mjs'
import { Session } from './session.mjs'

const member = { name: 'grace', password: 'a nanosecond of wire' }

export class Showcase {
  static async start({ pool }) {
    const showcase = new Showcase()
    // Who looks, as a browser keeps it.
    showcase.states = { nobody: undefined, first: undefined }
    showcase.panel = await Panel.start({
      host: 'sim', pool, more: { http: 'status_page = true', front_door: 'public_name = "panel.example.org"' },
    })
    // And one that nobody has set up yet.
    showcase.unused = await Panel.start({ host: 'sim', pool })
    const { panel } = showcase
    const ada = new Session(panel)
    await ada.setUp(panel.setupLink)
    showcase.cluster = await ada.create('harbor', 3)
    await showcase.people(ada)
    await ada.page('/account/tokens', {
      make: 'token', name: 'deploy from CI', 'scope-read': 'on', 'scope-deploy': 'on', days: '90',
    })
    await ada.call('two_factor_begin')
    await until('the cluster is active', async () => (await ada.cluster(showcase.cluster)).phase === 'active')
    await until('a bundle', () => ada.bundle(showcase.cluster))
    showcase.session = ada
    showcase.states.administrator = ada.storageState()
    return showcase
  }

  /** A member with two-factor sign-in who asks for more, one more invitation, and half a sign-in. */
  async people(ada) {
    const invite = (note) => ada.page('/people/invite', { make: 'invitation', note, role: 'member', days: '7' })
    const [, token] = /\/invitation#([^"]+)"/.exec(await invite('Grace, compilers'))
    const grace = new Session(this.panel)
    await grace.call('invitation_accept', { token, ...member })
    await grace.call('quota_request_make', {
      clusters: '5', segments: '3', memory_mib: '30720', disk_gib: '300', reason: 'Two more for the release branches.',
    })
    await grace.call('two_factor_begin')
    const { setup } = await grace.call('two_factor_get')
    await grace.page('/account/two-factor', { make: 'two-factor', code: code(setup.secret) })
    await invite('Katherine, trajectories')
    this.member = (await ada.call('person_list')).find((one) => one.name === member.name).id
    this.states.member = grace.storageState()
    const again = new Session(this.panel)
    await again.call('sign_in', member)
    this.states.halfWay = again.storageState()
  }

  /** Where a page of lib/routes.mjs is. */
  address(page) {
    const id = page.route.startsWith('/people') ? this.member : this.cluster
    const parts = { id, ordinal: '1', container: page.container ?? 'web' }
    const at = page.at ?? page.route.replace(/:(\w+)/g, (_, part) => parts[part])
    if (page.as === 'first') return (page.route === '/setup' ? this.unused.setupLink : this.unused.origin + at)
    return this.panel.origin + at + (page.query ?? '')
  }

  async remove() {
    await this.unused?.remove()
    await this.panel.remove()
  }
}

/** What an authenticator shows now (RFC 6238). */
function code(secret) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const letters = secret.toUpperCase().replace(/[^A-Z2-7]/g, '')
  const bits = [...letters].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const hash = createHmac('sha1', key).update(counter).digest()
  const number = hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}
