import { z } from 'zod';
import { isTimeZone } from '../model/temporal.ts';
import type { Endpoint } from './listening.ts';

const UNITS = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g;
const DURATION = new RegExp(`^(?:0|(?:${PART.source})+)$`);

const DURATION_WANTED = 'expected a duration such as 5s, 200ms or 1h30m';

/** What a schema says of a value beside its form, which the core reads. */
export interface Marks {
  readonly reference?: Reference;
  /** Whether it is shown nowhere: a token, a password, a header that may hold one. */
  readonly secret?: true;
  /** Whether the component listens there. */
  readonly listens?: true;
  /** Whether nobody else can share the port there. */
  readonly alone?: true;
  /** Whether its key alone, without a value, stands for the section with all its defaults. */
  readonly empty?: true;
  /** Whether the component calls the server there. */
  readonly calls?: true;
  /** What becomes of keys that such a section has elsewhere, as in the Collector or Prometheus, and not here. */
  readonly foreign?: Readonly<Record<string, ForeignKey>>;
  /** What values were called before, by what they are called now: the old name still counts, with a warning. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** The keys that such a section takes beside those of its shape, by their patterns; the title is how they are shown. */
  readonly patternProperties?: Readonly<Record<string, { readonly title: string; readonly description: string }>>;
}

/** A key that a section has elsewhere and not here: with its value it is either ignored or refused. */
export interface ForeignKey {
  /** The values that say what is so here anyway: they are taken without a word. */
  readonly holds: readonly unknown[];
  /** Why it has no effect: it is taken, with a warning. */
  readonly ignored?: string;
  /** What to do in its place: it is a problem. */
  readonly refused?: string;
  /** Whether its value is shown nowhere. */
  readonly secret?: true;
}

/** A foreign key that has no effect here, which the sentence explains; the values that hold here anyway need none. */
export function ignored(why: string, ...holds: readonly unknown[]): ForeignKey {
  return { holds, ignored: why };
}

/** A foreign key that would change what is done; the sentence says what to do in its place. */
export function refused(instead: string, ...holds: readonly unknown[]): ForeignKey {
  return { holds, refused: instead };
}

/** The mark of a section in which keys may stand that it has elsewhere and not here. */
export const foreignKeys = (foreign: Readonly<Record<string, ForeignKey>>) => ({ foreign }) satisfies Marks;

/** The mark of a section in which such keys are refused, each with what to do in its place. */
export const refusedKeys = (instead: Readonly<Record<string, string>>) =>
  foreignKeys(Object.fromEntries(Object.entries(instead).map(([key, text]) => [key, refused(text)])));

/** A length of time as the Collector writes it, such as `5s`, `200ms` or `1h30m`, within bounds; the value is in milliseconds. */
export const duration = ({ least = '', most = '' } = {}) =>
  z
    .union([z.string(), z.literal(0)], { error: DURATION_WANTED })
    .refine((text) => DURATION.test(String(text)), { error: DURATION_WANTED })
    .transform(millisecondsOf)
    .refine((time) => time >= millisecondsOf(least) && (most === '' || time <= millisecondsOf(most)), {
      error: `expected a duration ${least && most ? `from ${least} to ${most}` : least ? `of at least ${least}` : `of at most ${most}`}`,
    });

function millisecondsOf(text: string | 0): number {
  let milliseconds = 0;
  for (const [, amount, unit] of String(text).matchAll(PART)) {
    milliseconds += Number(amount) * UNITS[unit as keyof typeof UNITS];
  }
  return milliseconds;
}

/** The name of a time zone, such as `Europe/Berlin`. */
export const timeZone = () =>
  z.string().refine(isTimeZone, { error: 'expected the name of a time zone such as Europe/Berlin' });

const ENDPOINT = /^(?<host>\[[0-9a-fA-F:.]+\]|[^:/\s]*):(?<port>\d{1,5})$/;

const ENDPOINT_WANTED = 'expected host:port such as 0.0.0.0:9514';

/**
 * `host:port` to listen on, such as `0.0.0.0:9514` or `[::1]:4318`; that components do not get into each other's way there
 * is checked with the configuration. With `alone` no other component can share it.
 */
export const endpoint = ({ alone = false }: { readonly alone?: boolean } = {}) =>
  z
    .string({ error: ENDPOINT_WANTED })
    .refine((text) => Number(ENDPOINT.exec(text)?.groups?.port ?? Number.NaN) <= 65_535, { error: ENDPOINT_WANTED })
    .meta({ listens: true, ...(alone && { alone }) } satisfies Marks)
    .transform((text): Endpoint => {
      const { host = '', port } = ENDPOINT.exec(text)?.groups ?? {};
      return { host: host.replace(/^\[|\]$/g, '') || '0.0.0.0', port: Number(port) };
    });

/**
 * The base URL of a server to call, without a slash at its end. With `isBare` it has neither user and password nor query
 * and fragment.
 */
export const serverUrl = ({ isBare = false }: { readonly isBare?: boolean } = {}) =>
  z
    .url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:8428' })
    .meta({ calls: true } satisfies Marks)
    .transform((url) => url.replace(/\/+$/, ''))
    .refine((url) => !isBare || isBareUrl(url), {
      error: 'expected a URL without user, password and query; put credentials into `headers`',
    });

function isBareUrl(url: string): boolean {
  const { username, password, search, hash } = new URL(url);
  return username === '' && password === '' && search === '' && hash === '';
}

/** What a string of a configuration refers to: a configured component, and what it must offer. */
export interface Reference {
  readonly kind: 'extension' | 'provider';
  readonly offers?: Offer;
}

/** What an extension does for other components. */
export type Offer = 'storage' | 'server_auth' | 'client_auth';

/** A section that may be left out; its key alone, as the Collector has it, stands for all its defaults. */
export const section = <T extends z.ZodType>(schema: T) => schema.meta({ empty: true } satisfies Marks).optional();

/** The id of another component; that it is configured, started and of use is checked with the configuration. */
export const reference = (kind: Reference['kind'], offers?: Reference['offers']) =>
  z
    .string()
    .min(1)
    .meta({ reference: { kind, ...(offers && { offers }) } } satisfies Marks);

/** A text that no message and no output shows, such as a token or a password. */
export const secret = () => z.string().meta({ secret: true } satisfies Marks);
