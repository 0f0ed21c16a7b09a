// A session's life through openapi-fetch over the types of the served document:
// `node client.js BASE`. Whatever the document does not promise does not compile.
import createClient from 'openapi-fetch';
import type { paths } from './contract';

declare const process: { argv: string[] };

function ensure(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

const client = createClient<paths>({ baseUrl: process.argv[2] });
const user_id = `typed-${Date.now()}`;

const opened = await client.POST('/sessions/open_session', {
  params: { query: { correlation_id: 'typed' } },
  body: { user_id, user_name: 'Typed', data: { cart: [1, 2] } },
});
ensure(opened.data, `open_session: ${JSON.stringify(opened.error)}`);
const session_id: string = opened.data.id;
const active: boolean = opened.data.active;
ensure(active, 'a new session is active');

const listed = await client.POST('/sessions/get_sessions', { body: { filter: { user_id } } });
ensure(listed.data, `get_sessions: ${JSON.stringify(listed.error)}`);
ensure(listed.data.data.length === 1 && listed.data.data[0]?.id === session_id, 'the list holds the session');

const closed = await client.POST('/sessions/close_session', { body: { session_id } });
ensure(closed.data && !closed.data.active && closed.data.close_time, 'the session is closed');

// Not what the types allow, so the server has to refuse it.
const refused = await client.POST('/sessions/open_session', { body: {} as never });
ensure(refused.response.status === 400 && refused.error, 'an empty body is refused');
console.log('a client typed by openapi-typescript opened, listed and closed a session');
