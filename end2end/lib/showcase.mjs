// A panel with something on every page: a simulated cluster in use, a team's, a person who asks for more,
// tokens, certificates. What the sweep looks at, the pictures are taken of, and Lighthouse measures.
import { Authenticator } from './authenticator.mjs'
import { Panel } from './panel.mjs'
import { until } from './run.mjs'
import { Session } from './session.mjs'
import { code } from './totp.mjs'

const member = { name: 'grace', password: 'a nanosecond of wire' }
const guest = { name: 'alan', password: 'a very long paper tape' }

export class Showcase {
  static async start({ pool }) {
    const showcase = new Showcase()
    // Who looks, as a browser keeps it.
    showcase.states = { nobody: undefined, first: undefined }
    showcase.panel = await Panel.start({
      host: 'sim', pool,
      more: {
        // Passkeys belong to a name.
        http: 'status_page = true\npublic_origin = "http://localhost:PORT"', front_door: 'public_name = "panel.example.org"',
      },
    })
    // And one that nobody has set up yet.
    showcase.unused = await Panel.start({ host: 'sim', pool })
    const { panel } = showcase
    const ada = new Session(panel)
    await ada.setUp(panel.setupLink)
    showcase.cluster = await ada.create('harbor', 3)
    await showcase.people(ada)
    await showcase.team(ada)
    await ada.page('/account/tokens', {
      make: 'token', name: 'deploy from CI', 'scope-read': 'on', 'scope-deploy': 'on', days: '90',
    })
    await ada.call('two_factor_begin')
    for (const name of ['Laptop', 'Phone']) await showcase.passkey(ada, name)
    await until('the cluster is active', async () => (await ada.cluster(showcase.cluster)).phase === 'active')
    await until('the team\'s cluster is active', async () => (await ada.cluster(showcase.teamCluster)).phase === 'active')
    await until('a bundle', () => ada.bundle(showcase.cluster))
    await until('another bundle', () => ada.bundle(showcase.teamCluster))
    showcase.session = ada
    showcase.states.administrator = ada.storageState()
    return showcase
  }

  /** A member with two-factor sign-in who asks for more, one more invitation, and half a sign-in. */
  async people(ada) {
    const invite = (note) => ada.page('/people/invite', { make: 'invitation', note, role: 'member', days: '7' })
    const join = async (note, account) => {
      const [, token] = /\/invitation#([^"]+)"/.exec(await invite(note))
      const session = new Session(this.panel)
      await session.call('invitation_accept', { token, ...account })
      return session
    }
    const grace = await join('Grace, compilers', member)
    this.states.guest = (await join('Alan, machines', guest)).storageState()
    await grace.call('quota_request_make', {
      clusters: '5', segments: '3', memory_mib: '30720', disk_gib: '300', reason: 'Two more for the release branches.',
    })
    await grace.call('two_factor_begin')
    const { setup } = await grace.call('two_factor_get')
    await grace.page('/account/two-factor', { make: 'two-factor', code: code(setup.secret) })
    await invite('Katherine, trajectories')
    this.member = (await ada.call('person_list')).rows.find((one) => one.name === member.name).id
    this.states.member = grace.storageState()
    const again = new Session(this.panel)
    await again.call('sign_in', member)
    this.states.halfWay = again.storageState()
  }

  async passkey(ada, name) {
    const device = new Authenticator(`http://localhost:${this.panel.port}`)
    const options = JSON.parse(await ada.call('passkey_add_begin', { name }))
    await ada.call('passkey_add', { name, answer: device.made(options) })
  }

  /** A team with a cluster: who looks administers it, and a guest looks at it alone. */
  async team(ada) {
    await ada.call('team_create', { name: 'harbormasters', clusters: '4' })
    this.teamId = (await ada.call('team_list')).rows[0].id
    for (const [person, role] of [['ada', 'administrator'], [guest.name, 'viewer']]) {
      await ada.call('team_person_set', { id: this.teamId, person, role })
    }
    this.teamCluster = await ada.create('pier', 1, this.teamId)
  }

  /** Where a page of lib/routes.mjs is. */
  address(page) {
    const cluster = page.cluster === 'team' ? this.teamCluster : this.cluster
    const id = { people: this.member, teams: this.teamId }[page.route.split('/')[1]] ?? cluster
    const parts = { id, ordinal: '1', container: page.container ?? 'web' }
    const at = page.at ?? page.route.replace(/:(\w+)/g, (_, part) => parts[part])
    if (page.as === 'first') return (page.route === '/setup' ? this.unused.setupLink : this.unused.origin + at)
    return this.panel.origin + at + (page.query ?? '').replace('TEAM', this.teamId)
  }

  async remove() {
    await this.unused?.remove()
    await this.panel.remove()
  }
}
