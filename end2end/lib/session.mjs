// A signed-in person without a browser, for measuring: server functions by their addresses.
import { account } from './panel.mjs'

/** As which it stands in lists of sessions. */
const browser = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

export class Session {
  constructor(panel) {
    this.origin = panel.origin
    this.cookies = new Map()
  }

  async post(path, form = {}, accept = 'application/json') {
    const answer = await fetch(this.origin + path, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        accept,
        origin: this.origin,
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'content-type': 'application/x-www-form-urlencoded',
        'user-agent': browser,
      },
      body: new URLSearchParams(form),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split(/=(.*)/s)
      this.cookies.set(name, value)
    }
    return answer
  }

  /** A server function's answer; a refusal is thrown. */
  async call(name, form) {
    const answer = await this.post(`/api/${name}`, form)
    const text = await answer.text()
    if (answer.status >= 400) throw new Error(`${name}: ${answer.status} ${text}`)
    return text ? JSON.parse(text) : null
  }

  setUp(setupLink) {
    const token = new URL(setupLink).searchParams.get('token')
    return this.call('setup_finish', { token, ...account })
  }

  /** A page that a form posts to: what it says then. */
  async page(path, form = {}) {
    const answer = await this.post(path, form, 'text/html')
    const text = await answer.text()
    if (answer.status >= 400) throw new Error(`${path}: ${answer.status} ${text}`)
    return text
  }

  /** A page as it is read: its text. */
  async read(path) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await fetch(this.origin + path, { headers: { accept: 'text/html', cookie, 'user-agent': browser }, redirect: 'manual' })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text}`)
    return text
  }

  /** What a browser would keep, for Playwright. */
  storageState() {
    const { hostname: domain } = new URL(this.origin)
    const rest = { domain, path: '/', expires: -1, httpOnly: true, secure: false, sameSite: 'Lax' }
    return { cookies: [...this.cookies].map(([name, value]) => ({ name, value, ...rest })), origins: [] }
  }

  /** The new cluster's id: the answer leads to its page. */
  async create(name, segments, team = '') {
    const answer = await this.post('/api/cluster_create', { name, segments: String(segments), team })
    const [id] = /[0-9a-f-]{36}/.exec(answer.headers.get('location') ?? '') ?? []
    if (!id) throw new Error(`cluster_create: ${answer.status} ${await answer.text()}`)
    return id
  }

  cluster(id) {
    return this.call('cluster_get', { id })
  }

  /** The bundle's bytes, or null while it cannot be had. */
  async bundle(id) {
    const answer = await this.post(`/clusters/${id}/bundle`)
    if (!answer.ok || !(answer.headers.get('content-type') ?? '').includes('zip')) return null
    return Buffer.from(await answer.arrayBuffer())
  }
}
