import fc from 'fast-check';
import type { LoadedConfiguration } from '../../../src/config/configuration.ts';
import { loadConfiguration } from '../../../src/config/load.ts';
import { scalarsIn } from '../../../src/config/located.ts';
import { ConfigurationError, formatProblem, MOST_PROBLEMS } from '../../../src/errors.ts';
import { Loader } from '../../../src/loader.ts';
import { growingYaml, yamlTexts, yamlWords } from '../arbitraries/yaml-texts.ts';
import { hold, type Target } from '../target.ts';

/** A variable of the environment that is a bomb itself. */
const BOMB = `[${Array(9).fill('&a [x, x]').join()}, ${Array(9).fill('*a').join()}]`;
const SECRET = 'PLANTED-hunter2-SECRET';
const environment = { SHORT: '5', LONG: 'x'.repeat(50_000), BOMB, SECRET };
const loader = new Loader();
/** The most characters of a problem: it may show a path of keys, and lists what is known in their place. */
const LONGEST = 2500;
const PIPELINE = '{ receivers: [http], exporters: [debug] }';

/** Configurations, with all that is checked before anything starts. */
const target: Target<LoadedConfiguration> = {
  name: 'configuration',
  weight: 0.1,
  generated: fc
    .oneof({ weight: 20, arbitrary: yamlTexts(3) }, { weight: 4, arbitrary: yamlTexts(200) }, yamlTexts(20_000))
    .map((text) => Buffer.from(text)),
  words: [...yamlWords, '${env:SECRET}', '0s', '127.0.0.1:0', 'true', '\n  debug:', 'debug/2'],
  longest: 16 * 1024,
  growing: [
    ...growingYaml,
    { begin: 'receivers:\n', part: '  http/#: { endpoint: "127.0.0.1:#" }\n' },
    {
      begin: `receivers: { http: }\nexporters: { debug: }\nservice:\n  pipelines:\n`,
      part: `    metrics/#: ${PIPELINE}\n`,
    },
    { begin: 'exporters:\n  debug:\n', part: '    key#: 1\n' },
  ],
  read: (bytes) => loadConfiguration([`yaml:${bytes}`], { environment, loader }),
  isRefusal: (error) => error instanceof ConfigurationError,
  check({ components, pipelines, root, warnings }) {
    hold(components.length > 0 && pipelines.length > 0, 'nothing is configured');
    for (const { id, receivers, exporters } of pipelines) {
      hold(receivers.length > 0 && exporters.length > 0, () => `the pipeline ${id} has no receivers, or no exporters`);
    }
    holdNoSecret(warnings.join());
    return components.length + scalarsIn(root).length + warnings.length;
  },
  longestRefusal: MOST_PROBLEMS * LONGEST,
  checkRefusal(error) {
    const { problems, warnings } = error as ConfigurationError;
    hold(problems.length > 0 && problems.length <= MOST_PROBLEMS, () => `there are ${problems.length} problems`);
    for (const problem of problems) {
      const text = formatProblem(problem);
      hold(problem.at, () => `a problem has no place: ${text}`);
      hold(text.length <= LONGEST, () => `a problem has ${text.length} characters: ${text.slice(0, 200)}`);
      holdNoSecret(text);
    }
    holdNoSecret(warnings.join());
  },
  most: { steps: 50_000, memory: 50_000, made: 5 },
};

export default target;

function holdNoSecret(text: string): void {
  hold(!text.includes(SECRET), 'what is said shows a secret');
}
