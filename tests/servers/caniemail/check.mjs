// What mail programs do not support of the HTML on standard input, as the data of caniemail.com have it: one line each,
// "error: what: program". Run by tests/integration/test_mail_programs.py in the folder where the packages lie.
import { caniemail } from 'caniemail';
import { readFileSync } from 'node:fs';

const html = readFileSync(0, 'utf8');
const lines = new Set();
let programs = 0;
for (const program of process.argv.slice(2)) {
  try {
    // One by one: where nothing is known of a program's support for one thing, the package gives up altogether.
    const { issues } = caniemail({ clients: [program], html });
    programs += 1;
    for (const ones of issues.errors.values()) for (const one of ones) lines.add(`error: ${one.title}: ${program}`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}
console.log(`programs: ${programs}`);
for (const line of [...lines].sort()) console.log(line);
