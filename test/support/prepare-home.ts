/** Starts a server once and prints the data directory that its first start has left, for the tests to copy. */
import { startTestServer } from "./server.js";

const server = await startTestServer();
await server.stop({ keepHome: true });
process.stdout.write(server.home);
