// Below a path of another address, as behind a reverse proxy: the whole way with script.
import { expect, test } from '@playwright/test'
import { Panel } from '../lib/panel.mjs'
import { Pages } from '../lib/pages.mjs'
import { watchConsole } from '../lib/watch.mjs'

test('the panel works below a path', async ({ browser }) => {
  const panel = await Panel.start({ host: 'sim', pool: '10.86.0.0/16', more: { http: 'public_origin = "ORIGIN/tools/carina"' } })
  try {
    const context = await browser.newContext()
    const page = await context.newPage()
    const troubles = watchConsole(page)
    const origin = `${panel.origin}/tools/carina`
    expect(panel.setupLink).toContain(`${origin}/setup`)
    const person = new Pages(page, { ...panel, origin })
    await person.setUp()
    const id = await person.created('below', 1)
    expect(page.url()).toBe(`${origin}/clusters/${id}`)
    await expect(page.locator('html.awake')).toBeAttached()
    // Told by the stream of events, drawn in place.
    await expect(person.badge('active')).toBeVisible({ timeout: 20_000 })
    await page.goto(`${origin}/clusters/${id}/logs?c=web`)
    await expect(page.locator('[data-log-state]')).toHaveText('Following')
    await page.goto(`${origin}/clusters/${id}/containers/web/console`)
    await expect(page.locator('[data-console-state]')).toHaveText('Connected')
    // What is wrong is said in place there, too.
    await page.goto(`${origin}/clusters/new`)
    await page.getByLabel('Cluster name').fill('below')
    await page.getByRole('button', { name: 'Create cluster' }).click()
    await expect(page.locator('#name-error')).toContainText('already')
    expect(page.url()).toBe(`${origin}/clusters/new`)
    await person.delete(id, 'below')
    expect(new URL(page.url()).pathname).toBe('/tools/carina/clusters')
    // A session that ends elsewhere leads to the sign-in, and from there back.
    await page.goto(`${origin}/account`)
    await context.clearCookies()
    await page.goto(`${origin}/account`)
    await expect(person.heading('Sign in')).toBeVisible()
    await person.signIn()
    await expect(person.heading('Clusters')).toBeVisible()
    await troubles.forgive(/400|401|409|422/)
    expect(troubles.take()).toEqual([])
    await context.close()
  } finally {
    await panel.remove()
  }
})
