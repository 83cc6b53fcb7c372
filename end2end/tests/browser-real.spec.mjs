// What people do with a cluster, on real segments and in Chromium with script: the pages side by side
// with the docker client, on one cluster that is made once. The way to a cluster and its end, without
// script as well, is browser.spec.mjs; what may die below the panel, live.spec.mjs; everything that a
// simulator can show, the other browser-*.spec.mjs.
import { test } from '@playwright/test'
import { real } from '../lib/real.mjs'
import { consoles } from './real/console.mjs'
import { containers } from './real/containers.mjs'
import { end } from './real/end.mjs'
import { failures } from './real/failures.mjs'
import { people } from './real/people.mjs'
import { segments } from './real/segments.mjs'
import { things } from './real/things.mjs'

test.describe.configure({ mode: 'serial', timeout: 120_000 })

let failed = false
test.beforeAll(async ({ browser }) => {
  test.setTimeout(300_000)
  await real.start(browser)
})
test.afterEach(({}, info) => {
  failed ||= info.status !== info.expectedStatus
  real.ada?.quiet()
})
test.afterAll(async () => {
  test.setTimeout(120_000)
  await real.end(failed)
})

// In this order: each goes on with what the one before has left.
containers()
consoles()
things()
segments()
people()
failures()
end()
