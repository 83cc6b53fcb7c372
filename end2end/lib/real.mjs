// One cluster on real segments that the journeys of tests/browser-real.spec.mjs share: who uses it, in
// browsers with script and with the docker client, and what is on it.
import { expect } from '@playwright/test'
import path from 'node:path'
import { Bundle } from './docker.mjs'
import { libvirtdBack } from './host.mjs'
import { Live } from './live.mjs'
import { Pages } from './pages.mjs'
import { account } from './panel.mjs'
import { Session } from './session.mjs'
import { watchConsole } from './watch.mjs'

class Real {
  async start(browser) {
    this.browser = browser
    this.live = await Live.start(browser, { pool: '10.89.0.0/16', idBase: 27_000 * 65_536 })
    this.panel = this.live.panel
    await this.live.person.setUp()
    this.ada = await this.visitor(account)
  }

  /** Somebody at a browser of their own, signed in. */
  async visitor(who) {
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true })
    const page = await context.newPage()
    const visitor = new Visitor(page, this)
    await visitor.signIn(who)
    await expect(visitor.heading('Clusters')).toBeVisible()
    return visitor
  }

  /** An account of somebody whom ada invites. */
  async join(who) {
    this.session ??= new Session(this.panel)
    if (this.session.cookies.size === 0) await this.session.call('sign_in', account)
    const form = { make: 'invitation', note: who.name, role: 'member', days: '7' }
    const [, token] = /\/invitation#([^"]+)"/.exec(await this.session.page('/people/invite', form))
    await new Session(this.panel).call('invitation_accept', { token, ...who })
  }

  /** Makes a cluster in ada's browser, and remembers to take it away. */
  async make(name, segments) {
    const id = await this.ada.created(name, segments)
    this.live.clusters.push(id)
    return id
  }

  node(ordinal) {
    return `${this.cluster}-n${ordinal}`
  }

  /** A docker client of the bundle that somebody downloads in their browser, for a machine of this name. */
  async bundle(visitor, label) {
    const { page } = visitor
    await visitor.at('/access')
    await page.locator('#label-file').fill(label)
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download file' }).click()
    const download = await coming
    const zip = path.join(this.live.dir, `${label}-${this.live.bundles.length}.zip`)
    await download.saveAs(zip)
    const bundle = await Bundle.unzip(zip)
    this.live.bundles.push(bundle)
    return bundle.docker()
  }

  /** The image, on every segment there is. */
  async image() {
    await this.docker.ok(['import', await this.live.busybox(), 'busybox:latest'])
  }

  /** A container on one segment; `script` for its shell. */
  run(name, ordinal, script, ...more) {
    return this.docker.ok(['run', '-d', '--name', name, '-e', `constraint:node==n${ordinal}`, ...more, 'busybox', '/bin/sh', '-c', script])
  }

  /** Also after a failure nothing stays: no segment, and no libvirtd that nobody reaches. */
  async end(failed) {
    await libvirtdBack()
    await this.live?.end(failed)
  }
}

/** What a person does, and what they see. */
class Visitor extends Pages {
  constructor(page, real) {
    super(page, real.panel)
    this.real = real
    this.troubles = watchConsole(page)
  }

  /** A page of the panel, once script has looked it over. */
  async open(path) {
    await this.go(path)
    await this.awake()
  }

  awake() {
    return expect(this.page.locator('html.awake')).toBeAttached()
  }

  /** A page of the cluster. */
  at(tail = '') {
    return this.open(`/clusters/${this.real.cluster}${tail}`)
  }

  /** The cluster's own page, to which changes lead. */
  isHome() {
    return expect(this.page).toHaveURL(`${this.panel.origin}/clusters/${this.real.cluster}`)
  }

  region(name) {
    return this.page.getByRole('region', { name, exact: true })
  }

  /** The row of a list that leads to what has this name, or begins with it. */
  row(name) {
    return this.page.locator('tbody tr', { has: this.page.locator('th', { hasText: new RegExp(`^\\s*${name}`) }) })
  }

  press(name, within = this.page) {
    return within.getByRole('button', { name, exact: true }).click()
  }

  /** What asks once more: opened, then pressed. */
  async twice(summary, button, within = this.page) {
    await within.locator('summary', { hasText: summary }).click()
    await this.press(button, within)
  }

  says(words) {
    return expect(this.page.getByText(words).first()).toBeVisible({ timeout: 20_000 })
  }

  /** A mark that a page which is loaded anew loses. */
  mark() {
    return this.page.evaluate(() => { window.untouched = true })
  }

  async isUntouched() {
    expect(await this.page.evaluate(() => window.untouched), 'the page was loaded anew').toBe(true)
  }

  quiet() {
    expect(this.troubles.take()).toEqual([])
  }

  leave() {
    return this.page.context().close()
  }
}

export const real = new Real()
