// Where a person's day begins: a panel on simulated segments, its first account signed in, and a
// cluster that is up.
import { Panel } from './panel.mjs'
import { Pages } from './pages.mjs'

/** `state` is what a browser context needs to be that person. With no segments there is no cluster. */
export async function furnished(browser, { name = 'harbor', segments = 2, ...options } = {}) {
  const panel = await Panel.start({ host: 'sim', pool: '10.86.0.0/16', ...options })
  const context = await browser.newContext({ javaScriptEnabled: false })
  try {
    const person = new Pages(await context.newPage(), panel)
    await person.setUp()
    let cluster
    if (segments > 0) {
      cluster = await person.created(name, segments)
      await person.status(cluster)
    }
    return { panel, cluster, state: await context.storageState() }
  } catch (error) {
    await panel.remove()
    throw error
  } finally {
    await context.close()
  }
}
