// What a person does in the panel, by what a person sees. Works with script and without: nothing
// here waits for anything but the page's own words.
import { expect } from '@playwright/test'
import { account } from './panel.mjs'
import { until } from './run.mjs'

export class Pages {
  constructor(page, panel) {
    this.page = page
    this.panel = panel
  }

  /** A page without script looks again by itself while something is being made: when it does so in
   *  this very moment, the browser gives up one of the two. */
  async go(path) {
    const address = this.panel.origin + path
    try {
      return await this.page.goto(address)
    } catch (error) {
      if (!/ERR_ABORTED/.test(error.message)) throw error
      return this.page.goto(address)
    }
  }

  heading(name) {
    return this.page.getByRole('heading', { level: 1, name })
  }

  async setUp({ name, password } = account) {
    await this.page.goto(this.panel.setupLink)
    await this.page.getByLabel('Name').fill(name)
    await this.page.getByLabel('Password').fill(password)
    await this.page.getByRole('button', { name: 'Create the account' }).click()
    await expect(this.heading('Clusters')).toBeVisible()
  }

  async signIn({ name, password } = account) {
    await this.go('/sign-in')
    await this.page.getByLabel('Name').fill(name)
    await this.page.getByLabel('Password').fill(password)
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click()
  }

  /** Proves to be there, if the page asks: the last proof was more than ten minutes ago. */
  async proved({ password } = account) {
    if (!/\/confirm/.test(this.page.url())) return
    await this.page.getByLabel('Password').fill(password)
    await this.page.getByRole('button', { name: 'Confirm', exact: true }).click()
  }

  async signOut() {
    await this.go('/account')
    await this.page.locator('main').getByRole('button', { name: 'Sign out' }).click()
    await expect(this.heading('Sign in')).toBeVisible()
  }

  /** Fills the form of a new cluster in and sends it. */
  async create(name, segments) {
    await this.go('/clusters')
    await this.page.getByRole('link', { name: /Add cluster/ }).click()
    await this.page.getByLabel('Cluster name').fill(name)
    await this.page.getByLabel(new RegExp(`^${segments} segment`)).check()
    await this.page.getByRole('button', { name: 'Create cluster' }).click()
  }

  /** Creates a cluster and tells its id. */
  async created(name, segments) {
    await this.create(name, segments)
    await expect(this.heading(name)).toBeVisible()
    return /\/clusters\/([0-9a-f-]{36})/.exec(this.page.url())[1]
  }

  badge(status) {
    return this.page.locator('.status-panel .badge', { hasText: status })
  }

  /** Waits for a status word on the cluster's page; also without script, by looking again. */
  async status(cluster, word = 'active', timeout = 60_000) {
    await until(`status ${word}`, async () => {
      await this.go(`/clusters/${cluster}`)
      return (await this.page.locator('.status-panel .badge').first().textContent()).includes(word)
    }, { timeout, every: 200 })
  }

  /** Downloads a bundle to a file, by the access page's button. */
  async bundle(cluster, file) {
    await this.go(`/clusters/${cluster}/access`)
    const coming = this.page.waitForEvent('download')
    await this.page.getByRole('button', { name: 'Download file' }).click()
    const download = await coming
    await download.saveAs(file)
    return download.suggestedFilename()
  }

  async scale(cluster, segments) {
    await this.go(`/clusters/${cluster}/scale`)
    await this.page.getByLabel(new RegExp(`^${segments} segment`)).check()
    const send = () => this.page.locator('main form button[type=submit]').click()
    await send()
    await expect(this.page).toHaveURL(new RegExp(`/confirm|/clusters/${cluster}$`))
    if (/\/confirm/.test(this.page.url())) {
      await this.proved()
      // What was chosen is chosen still.
      await expect(this.page.getByLabel(new RegExp(`^${segments} segment`))).toBeChecked()
      await send()
    }
    await expect(this.page).toHaveURL(new RegExp(`/clusters/${cluster}$`))
  }

  async rebuild(cluster) {
    await this.go(`/clusters/${cluster}/rebuild`)
    await this.page.getByRole('button', { name: 'Rebuild cluster' }).click()
    await expect(this.page).toHaveURL(new RegExp(`/clusters/${cluster}$`))
  }

  async delete(cluster, name) {
    await this.go(`/clusters/${cluster}/delete`)
    await this.proved()
    await this.page.getByLabel(`Type ${name} to confirm`).fill(name)
    await this.page.getByRole('button', { name: 'Delete cluster' }).click()
    await expect(this.heading('Clusters')).toBeVisible()
  }

  /** Revokes the certificate with this serial (lower-case hex). */
  async revoke(cluster, serial) {
    await this.go(`/clusters/${cluster}/access`)
    const rows = this.page.getByRole('region', { name: 'Certificates' }).getByRole('row')
    const row = rows.filter({ has: this.page.locator(`code[title="${serial}"]`) })
    await row.locator('summary').click()
    await row.getByRole('button', { name: 'Revoke this certificate' }).click()
    await expect(this.page.getByText('The certificate is revoked')).toBeVisible()
  }
}
