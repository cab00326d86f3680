// Reads one query string a line and prints, a line each, what qs makes of it with its defaults, as JSON.

import { createInterface } from "node:readline";

import qs from "qs";

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(qs.parse(line))}\n`);
}
