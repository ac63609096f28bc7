import { spawnSync } from 'node:child_process';

/**
 * Asks the registry whether packages of the lockfile have known vulnerabilities, and prints what it says. Ends with status 1
 * where one that is shipped has a high or critical one, and with 0, saying so, where the registry does not answer.
 */
const { stdout, stderr, status, error } = spawnSync('npm', ['audit', '--package-lock-only', '--omit=dev', '--json'], {
  encoding: 'utf8',
  timeout: 120_000,
});
const report = read(stdout);
const counts = report?.metadata?.vulnerabilities;
if (counts) {
  console.log(`known vulnerabilities of what is shipped: ${JSON.stringify(counts)}`);
  for (const { name, severity, via } of Object.values(report.vulnerabilities ?? {})) {
    const titles = via.flatMap((one) => (typeof one === 'string' ? [] : [`${one.title} ${one.url}`]));
    console.log(`${severity} ${name} ${titles.join('; ')}`);
  }
  process.exitCode = (counts.high ?? 0) + (counts.critical ?? 0) > 0 ? 1 : 0;
} else {
  const why = report?.message ?? error?.message ?? stderr.trim().split('\n').at(-1);
  console.log(`the registry does not answer, so that nothing is known: ${why ?? `npm ended with ${status}`}`);
}

interface Report {
  readonly message?: string;
  readonly metadata?: { readonly vulnerabilities?: Readonly<Record<string, number>> };
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly name: string; readonly severity: string; readonly via: readonly (string | Advisory)[] }>
  >;
}

interface Advisory {
  readonly title: string;
  readonly url: string;
}

function read(text: string): Report | undefined {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return undefined;
  }
}
