// What the live files share: a panel on real segments, a person without script, a docker client.
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { test as base } from '@playwright/test'
import { Bundle, busyboxTar } from './docker.mjs'
import { Panel, carina } from './panel.mjs'
import { Pages } from './pages.mjs'
import { ok, run } from './run.mjs'
import { traces } from './host.mjs'

export class Live {
  static async start(browser, options) {
    const live = new Live()
    live.dir = await mkdtemp(path.join(os.tmpdir(), 'carina-live-'))
    await ok(carina, ['host', 'prepare'], { timeout: 240_000 })
    live.panel = await Panel.start(options)
    live.clusters = []
    live.bundles = []
    // Scripts off: every form works without, and nothing races the test.
    live.context = await browser.newContext({ javaScriptEnabled: false, acceptDownloads: true })
    live.person = new Pages(await live.context.newPage(), live.panel)
    return live
  }

  async deploy(name, segments) {
    const id = await this.person.created(name, segments)
    this.clusters.push(id)
    return id
  }

  /** Downloads and unzips a bundle of the cluster. */
  async bundle(cluster) {
    const zip = path.join(this.dir, `${cluster}-${this.bundles.length}.zip`)
    const name = await this.person.bundle(cluster, zip)
    const bundle = await Bundle.unzip(zip)
    bundle.name = name
    this.bundles.push(bundle)
    return bundle
  }

  async busybox() {
    this.image ??= await busyboxTar(this.dir)
    return this.image
  }

  /** Also after a failure: nothing of the test's stays on the machine. */
  async end(failed) {
    await this.context?.close()
    await this.panel?.remove({ clusters: this.clusters, keepLog: failed && 'results/panel.log' })
    const left = []
    for (const cluster of this.clusters) left.push(...(await traces(cluster)))
    for (const bundle of this.bundles) await bundle.remove()
    await rm(this.dir, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`left on the host:\n${left.join('\n')}`)
  }
}

/** Serial number of a certificate file, as the panel writes it. */
export async function serialOf(pem) {
  const { stdout } = await run('openssl', ['x509', '-in', pem, '-noout', '-serial'])
  return stdout.trim().split('=')[1].toLowerCase()
}

export const test = base
