import { clientSettings, foreignClientKeys, foreignClientTls } from 'wattline/http';
import { foreignKeys, type Marks, pushSettings, secret, z } from 'wattline/plugin';

const TARGET = /^(?:dns:\/\/\/|(?<scheme>https?):\/\/)?(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/@?#[\]]+):(?<port>\d{1,5})\/?$/;
const WANTED = 'expected host:port such as collector.example.com:4317, or a URL such as http://127.0.0.1:4317';

/** Where a server is, and whether its URL says that it speaks TLS. */
interface Target {
  readonly address: string;
  readonly scheme: 'http' | 'https' | undefined;
}

const target = () =>
  z
    .string({ error: WANTED })
    .refine((text) => Number(TARGET.exec(text)?.groups?.port ?? Number.NaN) <= 65_535, { error: WANTED })
    .meta({ calls: true } satisfies Marks);

/** Reads the setting `endpoint`. */
export function targetOf(endpoint: string): Target {
  const { scheme, host, port } = TARGET.exec(endpoint)?.groups ?? {};
  return { address: `${host}:${port}`, scheme: scheme as Target['scheme'] };
}

/** The section `tls` of any client, and whether there is none. */
const tls = clientSettings.tls
  .unwrap()
  .safeExtend({
    insecure: z
      .boolean()
      .default(false)
      .describe('Whether the server is called without TLS, as a URL with http says too'),
  })
  .meta(foreignKeys(foreignClientTls))
  .optional()
  .describe('How the server is checked, and what it is shown; without a URL with http, TLS is used');

export const configSchema = z
  .strictObject({
    endpoint: target().describe('The server, as `host:port` or as a URL with http (without TLS) or https'),
    compression: z.enum(['gzip', 'none']).default('gzip').describe('How requests are compressed: `gzip` or `none`'),
    headers: z.record(z.string(), secret()).default({}).describe('Metadata of every request, for authentication'),
    tls,
    auth: clientSettings.auth,
    ...pushSettings,
  })
  .meta(foreignKeys(foreignClientKeys));

export type Config = z.output<typeof configSchema>;
