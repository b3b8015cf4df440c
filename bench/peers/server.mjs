// A peer that does nothing but answer: Node's own server.
import { createServer } from "node:http";

createServer((_, response) => response.end("ok")).listen(
  Number(process.env.FUNCTIONS_CUSTOMHANDLER_PORT),
  "127.0.0.1",
);
