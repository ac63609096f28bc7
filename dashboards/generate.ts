import { writeFile } from 'node:fs/promises';
import { dashboards } from './dashboards.ts';

for (const [name, build] of Object.entries(dashboards)) {
  await writeFile(new URL(`${name}.json`, import.meta.url), `${JSON.stringify(build(), null, 2)}\n`);
}
