import { REDACTED } from '../model/secrets.ts';

/** The user and the password of a URL; of what is none, up to the last `@`. */
const CREDENTIALS = /(?<=:\/\/)[^/?#@\s]+(?=@)/g;
const CREDENTIALS_OF_NO_URL = /(?<=:\/\/)\S+(?=@)/g;
/** The queries of URLs, and of paths that become one. */
const QUERY = /(?<=\?)[^#\s?]*=[^#\s]*/g;
/** The parameters of queries that name what is asked for, by the conventions of Prometheus and its exporters. */
const OPEN_PARAMETERS = /^(?:target|module|collect|match|extra_label)(?:\[\])?$/;

/** Returns a text with what is secret in a URL replaced. */
export function withoutSecretsOfUrl(text: string, shown: string = REDACTED): string {
  return text.replace(credentialsIn(text), shown).replace(QUERY, (query) => {
    const pairs = query.split('&').map((pair) => {
      const [name = ''] = pair.split('=', 1);
      return isOpen(name) ? pair : `${name}=${shown}`;
    });
    return pairs.join('&');
  });
}

/** Returns the user and password of a URL, and the values of its query, as they are and decoded. */
export function secretsInUrl(text: string): string[] {
  const credentials = (text.match(credentialsIn(text)) ?? []).flatMap((whole) => [whole, ...whole.split(/:(.*)/s, 2)]);
  const values = (text.match(QUERY) ?? []).flatMap((query) => {
    const pairs = query.split('&').map((pair) => pair.split(/=(.*)/s, 2));
    return pairs.flatMap(([name = '', value = '']) => (isOpen(name) ? [] : [value]));
  });
  return [...credentials, ...values].flatMap((one) => [one, decoded(one)]);
}

function credentialsIn(text: string): RegExp {
  return URL.canParse(text) ? CREDENTIALS : CREDENTIALS_OF_NO_URL;
}

function isOpen(parameter: string): boolean {
  return OPEN_PARAMETERS.test(decoded(parameter));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
