import { defineConfig } from '@playwright/test'

// Debian's browser: Playwright's own would have to be downloaded.
export const chromium = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
}

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results/runs',
  // One machine, one libvirt, one set of limits: the files take turns.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: chromium,
    actionTimeout: 10_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'live', testMatch: /live.*\.spec\.mjs/ },
    // Over the simulator: quick, and nothing of it needs libvirt or root.
    { name: 'browser', testMatch: /browser-.*\.spec\.mjs/, testIgnore: /browser-real\.spec\.mjs/ },
    { name: 'real', testMatch: /browser(-real)?\.spec\.mjs/ },
    // `make screens` alone.
    { name: 'screens', testMatch: /screens\.spec\.mjs/ },
  ],
})
