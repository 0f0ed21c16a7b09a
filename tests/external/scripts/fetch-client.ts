// A session's life through the client that openapi-generator made
// (typescript-fetch): `node client.js BASE`.
import { Configuration, SessionsApi, ResponseError } from './index';

declare const process: { argv: string[]; exitCode: number };

function ensure(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

async function live(): Promise<void> {
  const sessions = new SessionsApi(new Configuration({ basePath: process.argv[2] }));
  const userId = `fetch-${Date.now()}`;
  const opened = await sessions.openSession({ newSession: { userId, userName: 'Fetch', data: { cart: [1, 2] } } });
  ensure(opened?.active && opened.openTime instanceof Date, 'a new session is active');
  const page = await sessions.getSessions({ sessionQuery: { filter: { userId }, paging: { total: true } } });
  ensure(page.total === 1 && page.data[0]?.id === opened.id, 'the list holds the session');
  const closed = await sessions.closeSession({ sessionKey: { sessionId: opened.id } });
  ensure(closed?.active === false && closed.closeTime instanceof Date, 'the session is closed');
  const refusal: unknown = await sessions.openSession({ newSession: { userId: 5 as never } }).catch((error) => error);
  ensure(refusal instanceof ResponseError && refusal.response.status === 400, 'a number is no user id');
}

live().then(
  () => console.log('the generated typescript-fetch client opened, listed and closed a session'),
  (error) => {
    console.error(error);
    process.exitCode = 1;
  },
);
