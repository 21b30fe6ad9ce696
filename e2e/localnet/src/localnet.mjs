import { createServer } from 'node:http';
import { once } from 'node:events';
import { Faults } from './faults.mjs';
import { readAccounts, readPrograms } from './fixtures.mjs';
import { createRpcServer } from './http.mjs';
import { Ledger } from './ledger.mjs';
import { Stats } from './stats.mjs';
import { acceptWebSockets } from './ws.mjs';

const PORT_ATTEMPTS = 20;

/**
 * @typedef {object} Localnet
 * @property {string} url
 * @property {string} wsUrl
 * @property {Ledger} ledger
 * @property {() => Promise<void>} close
 */

/**
 * Builds the ledger and serves it.
 *
 * @param {import('./args.mjs').Options} options
 * @param {(line: string) => void} log
 * @returns {Promise<Localnet>}
 */
export async function startLocalnet(options, log) {
  const { programDirs, mapFiles, accountDirs, host, port, verbose, ...genesis } = options;
  const programs = readPrograms(programDirs, mapFiles, log);
  const accounts = readAccounts(accountDirs, log);
  const ledger = new Ledger({ ...genesis, accounts, programs, log });
  log(`loaded ${programs.length} programs and ${accounts.length} accounts`);

  const debug = verbose ? (line) => log(line()) : () => {};
  const services = { ledger, faults: new Faults(), stats: new Stats(), log, debug };
  const rpcServer = createRpcServer(services);
  const wsServer = createServer((_request, response) => response.writeHead(426).end('WebSocket only'));
  const sockets = acceptWebSockets([rpcServer, wsServer], services);
  const boundPort = await listenOnPair(rpcServer, wsServer, host, port);
  ledger.start();

  return {
    url: `http://${host}:${boundPort}`,
    wsUrl: `ws://${host}:${boundPort + 1}`,
    ledger,
    async close() {
      ledger.stop();
      for (const socket of sockets.clients) socket.terminate();
      await Promise.all([rpcServer, wsServer].map(closeServer));
    },
  };
}

/** Listens on a port and the next one. Port 0 picks any free pair. */
async function listenOnPair(rpcServer, wsServer, host, port) {
  for (let attempt = 1; ; attempt += 1) {
    await listen(rpcServer, host, port);
    const bound = rpcServer.address().port;
    try {
      await listen(wsServer, host, bound + 1);
      return bound;
    } catch (error) {
      await closeServer(rpcServer);
      if (port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function listen(server, host, port) {
  server.listen(port, host);
  await once(server, 'listening');
}

async function closeServer(server) {
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
}
