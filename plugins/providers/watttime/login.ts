import { RejectedError, z } from 'wattline/plugin';
import { type Get, ServiceError } from 'wattline/provider';

/** Tokens are valid for 30 minutes, and are renewed somewhat earlier. */
const TOKEN_LIFE = 25 * 60_000;

const answerSchema = z.object({ token: z.string().min(1) });

interface Token {
  readonly text: string;
  /** In milliseconds since 1970. */
  readonly since: number;
}

/** Requests a token for an account, and keeps it while it is valid. */
export class Login {
  readonly #url: string;
  readonly #credentials: string;
  #token: Token | undefined;
  #underWay: Promise<Token> | undefined;

  constructor(endpoint: string, { username, password }: { readonly username: string; readonly password: string }) {
    this.#url = `${endpoint}/login`;
    this.#credentials = Buffer.from(`${username}:${password}`).toString('base64');
  }

  /** Sends a request with a token, and once more with a new token where that is refused. */
  async get<S extends z.ZodType>(url: string, schema: S, get: Get): Promise<z.output<S>> {
    const token = await this.#valid(get);
    try {
      return await get(url, schema, bearing(token));
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status !== 401) throw error;
      if (this.#token === token) this.#token = undefined;
      return await get(url, schema, bearing(await this.#valid(get)));
    }
  }

  /** All requests that wait share one login. */
  async #valid(get: Get): Promise<Token> {
    if (this.#token && performance.now() - this.#token.since < TOKEN_LIFE) return this.#token;
    this.#underWay ??= this.#login(get).finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #login(get: Get): Promise<Token> {
    const since = performance.now();
    const headers = new Headers({ authorization: `Basic ${this.#credentials}` });
    try {
      const { token: text } = await get(this.#url, answerSchema, headers);
      this.#token = { text, since };
      return this.#token;
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      throw new ServiceError('the login is refused; check `username` and `password`', { cause: error });
    }
  }
}

function bearing({ text }: Token): Headers {
  return new Headers({ authorization: `Bearer ${text}` });
}
