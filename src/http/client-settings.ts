import { isIP } from 'node:net';
import { z } from 'zod';
import { foreignKeys, ignored, reference } from '../plugin/schema.ts';
import { foreignClientTls } from './foreign-keys.ts';

const file = () => z.string().min(1);

/** The settings of a component that calls a server, beside its URL: `tls` and `auth`. Each reader gets schemas of its own. */
export const clientSettings = {
  get tls() {
    return z
      .strictObject({
        ca_file: file()
          .optional()
          .describe("Certificates of the authorities that are trusted (PEM), in place of Node.js's own"),
        cert_file: file().optional().describe('The certificate to show to the server (PEM)'),
        key_file: file().optional().describe('The key of that certificate (PEM, without a passphrase)'),
        insecure_skip_verify: z
          .boolean()
          .default(false)
          .describe("Whether the server's certificate goes unchecked; whoever is on the way can then read and change"),
        server_name_override: z
          .string()
          .min(1)
          .refine((name) => isIP(name) === 0, { error: 'expected a name, not an address' })
          .optional()
          .describe("The name that the server's certificate must have, where it is not that of the URL"),
      })
      .refine(({ cert_file, key_file }) => (cert_file === undefined) === (key_file === undefined), {
        error: 'expected `cert_file` and `key_file` together',
      })
      .meta(foreignKeys({ ...foreignClientTls, insecure: ignored('the URL says whether TLS is spoken', false) }))
      .optional()
      .describe('How a server with an https URL is checked, and what it is shown');
  },
  get auth() {
    return z
      .strictObject({
        authenticator: reference('extension', 'client_auth').describe(
          'The extension that gives each request its credentials, such as `bearertokenauth` or `basicauth`',
        ),
      })
      .optional()
      .describe('What is shown to the server, beside `headers`; it wins over a header of the same name');
  },
};

/** An `auth` section of the configuration. */
export type ClientAuth = NonNullable<z.output<(typeof clientSettings)['auth']>>;

/** A `tls` section of the configuration. */
export type ClientTls = NonNullable<z.output<(typeof clientSettings)['tls']>>;

/** The setting of a component that reads answers of any length: the longest one, `mebibytes` unless it is set. */
export function bodySizeLimit(mebibytes: number) {
  return z.number().positive().default(mebibytes).describe('The largest answer read, decompressed, in MiB');
}
