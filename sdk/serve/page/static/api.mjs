// The server's own JSON, as /openapi.json describes it.

// ApiError is an answer that is no success. Its code is the server's errorCode,
// OFFLINE without an answer, or UNREADABLE for one that is not JSON.
export class ApiError extends Error {
  constructor(code, message, status = 0) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

const patience = 30_000;

// request asks the server. The signal of the caller ends it, and so does time.
async function request(path, options = {}, signal = undefined) {
  const limit = new AbortController();
  const stop = () => limit.abort();
  const timer = setTimeout(stop, patience);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    return await answerOf(path, { ...options, signal: limit.signal });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
  }
}

async function answerOf(path, options) {
  let response;
  try {
    response = await fetch(path, { ...options, cache: 'no-store', credentials: 'omit', redirect: 'error' });
  } catch {
    throw new ApiError('OFFLINE', 'the server does not answer');
  }

  let body;
  try {
    body = await response.json();
  } catch {
    throw new ApiError('UNREADABLE', 'the answer of the server is not JSON', response.status);
  }

  if (!response.ok) {
    throw new ApiError(
      String(body?.errorCode ?? 'INTERNAL_ERROR'),
      String(body?.error ?? `the server answered with status ${response.status}`),
      response.status,
    );
  }

  return body;
}

function post(path, body, signal) {
  return request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }, signal);
}

export const loadMarket = (signal) => request('v1/market', {}, signal);

export const loadTokens = (signal) => request('v1/tokens', {}, signal);

export const loadInfinity = (signal) => request('v1/infinity', {}, signal);

// loadQuotes asks for all quotes of a trade. Undefined parameters are left out.
export function loadQuotes(parameters, signal) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  return request(`v1/quotes?${query}`, {}, signal);
}

// verifyTransaction asks whether a policy allows a transaction.
export const verifyTransaction = (transaction, policy, signal) => post('v1/verify', { transaction, policy }, signal);

export const buildTransaction = (trade, signal) => post('v1/transactions', trade, signal);

// sendTransaction has the server send a signed transaction, in base64, and
// returns what became of it. The server does so only if it is configured to.
export function sendTransaction(transaction, lastValidBlockHeight, signal) {
  return post('v1/send', { transaction, lastValidBlockHeight }, signal);
}

// loadOutcome asks what became of a transaction, and what it changed for a
// wallet. The server waits a few seconds before it answers "pending".
export function loadOutcome(signature, wallet, signal) {
  return request(`v1/transactions/${signature}?${new URLSearchParams({ wallet })}`, {}, signal);
}
