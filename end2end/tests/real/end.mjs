// The end of the clusters.
import { expect, test } from '@playwright/test'
import { traces } from '../../lib/host.mjs'
import { real } from '../../lib/real.mjs'
import { until } from '../../lib/run.mjs'

export function end() {
  test('a cluster goes by its name alone, and nothing of it stays', async () => {
    const { ada, ada: { page } } = real
    await ada.at('/delete')
    await ada.proved()
    await expect(page.locator('.gone')).toContainText('lighthouse')
    await page.getByLabel('Type marina to confirm').fill('harbor')
    await ada.press('Delete cluster')
    await expect(page.locator('#confirm_name-error')).not.toBeEmpty()
    await ada.troubles.forgive(/422/)
    for (const [id, name] of [[real.cluster, 'marina'], [real.patient, 'patient'], [real.midway, 'midway']]) await ada.delete(id, name)
    for (const name of ['marina', 'patient', 'midway']) {
      await expect(page.getByRole('link', { name, exact: true })).toBeHidden({ timeout: 60_000 })
    }
    for (const id of real.live.clusters) {
      await until(`no trace of ${id}`, async () => {
        const left = await traces(id)
        if (left.length > 0) throw new Error(left.join('\n'))
        return true
      }, { timeout: 60_000 })
    }
    expect((await real.docker.run('ps', { timeout: 5_000 })).code).not.toBe(0)
  })
}
