// `npm run mock`: the built page over invented data, for looking at it by hand.

import { Mock } from "./server.ts";

const empty = process.argv.includes("--empty");
const at = process.argv.indexOf("--port");
const mock = new Mock({ empty });
const url = await mock.listen(at > 0 ? Number(process.argv[at + 1]) : 0);
console.log(`mock server on ${url}${empty ? ", nothing stored" : ""}`);
