import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as undici from 'undici';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const execute = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const LOOPBACK = 'IP:127.0.0.1,DNS:localhost';
/** Enough for `openssl ca`, the only command that makes a certificate of the past. */
const CA_CONFIGURATION = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
default_md = sha256
policy = any
rand_serial = yes
[any]
commonName = supplied
`;

/** The paths of a certificate and its key. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

/** Certificates that are made anew, in a folder of their own; `remove` removes them. */
export interface Certificates {
  readonly folder: TemporaryFolder;
  /** An authority, and one that has signed nothing but `stranger`. */
  readonly ca: string;
  readonly otherCa: string;
  /** For 127.0.0.1 and localhost. */
  readonly server: KeyPair;
  /** The same, and over since 2020. */
  readonly expired: KeyPair;
  /** For the name wattline.example only. */
  readonly named: KeyPair;
  readonly client: KeyPair;
  /** Of the other authority. */
  readonly stranger: KeyPair;
  /** A `fetch` that trusts the given authority, by default the first, and no other. */
  fetchTrusting(ca?: string): typeof fetch;
  remove(): Promise<void>;
}

/** Makes certificates with openssl, which must be on the PATH. */
export async function createCertificates(): Promise<Certificates> {
  const folder = await temporaryFolder({
    'ca.cnf': CA_CONFIGURATION,
    'index.txt': '',
    san: `subjectAltName=${LOOPBACK}`,
  });
  const path = (name: string) => join(folder.path, name);
  const openssl = (...args: string[]) => execute('openssl', args, { cwd: folder.path });
  const pair = (name: string) => ({ cert: path(`${name}.crt`), key: path(`${name}.key`) });
  const files = (name: string) => ['-keyout', `${name}.key`, '-out', `${name}.crt`, '-subj', `/CN=${name}`];
  const authority = (name: string) => openssl('req', '-x509', '-days', '2', ...KEY, ...files(name));
  const sign = async (name: string, by: string, names: string) => {
    const extensions = ['-addext', `subjectAltName=${names}`, '-addext', 'basicConstraints=critical,CA:false'];
    await openssl(
      'req',
      '-x509',
      '-days',
      '2',
      ...KEY,
      ...files(name),
      '-CA',
      `${by}.crt`,
      '-CAkey',
      `${by}.key`,
      ...extensions,
    );
  };
  await Promise.all([authority('ca'), authority('other-ca')]);
  await openssl('req', '-new', ...KEY, '-keyout', 'expired.key', '-out', 'expired.csr', '-subj', '/CN=expired');
  const past = ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'];
  const request = ['-in', 'expired.csr', '-out', 'expired.crt', '-extfile', 'san', '-notext'];
  await Promise.all([
    openssl('ca', '-batch', '-config', 'ca.cnf', '-cert', 'ca.crt', '-keyfile', 'ca.key', ...request, ...past),
    sign('server', 'ca', LOOPBACK),
    sign('named', 'ca', 'DNS:wattline.example'),
    sign('client', 'ca', 'DNS:client'),
    sign('stranger', 'other-ca', LOOPBACK),
  ]);
  return {
    folder,
    ca: path('ca.crt'),
    otherCa: path('other-ca.crt'),
    server: pair('server'),
    expired: pair('expired'),
    named: pair('named'),
    client: pair('client'),
    stranger: pair('stranger'),
    fetchTrusting(ca = path('ca.crt')) {
      const dispatcher = new undici.Agent({ connect: { ca: readFileSync(ca, 'utf8') } });
      return ((url: string, init: object) => undici.fetch(url, { ...init, dispatcher })) as unknown as typeof fetch;
    },
    remove: folder.remove,
  };
}
