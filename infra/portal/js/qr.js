// A QR code (ISO/IEC 18004) of a text: bytes, level M, the smallest version that holds it, the mask of least penalty.

import { h, svg } from './dom.js';

/** Of versions 1 to 20 at level M: error-correction bytes a block, and blocks of the first and second kind with their data bytes. */
const BLOCKS = [
  [10, 1, 16], [16, 1, 28], [26, 1, 44], [18, 2, 32], [24, 2, 43], [16, 4, 27], [18, 4, 31], [22, 2, 38, 2, 39],
  [22, 3, 36, 2, 37], [26, 4, 43, 1, 44], [30, 1, 50, 4, 51], [22, 6, 36, 2, 37], [22, 8, 37, 1, 38], [24, 4, 40, 5, 41],
  [24, 5, 41, 5, 42], [28, 7, 45, 3, 46], [28, 10, 46, 1, 47], [26, 9, 43, 4, 44], [26, 3, 44, 11, 45], [26, 3, 41, 13, 42],
];

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i += 1) {
  EXP[i] = x;
  LOG[x] = i;
  x = x & 0x80 ? (x << 1) ^ 0x11d : x << 1;
}
for (let i = 255; i < 512; i += 1) EXP[i] = EXP[i - 255];
const times = (a, b) => (a && b ? EXP[LOG[a] + LOG[b]] : 0);

function correction(data, count) {
  let generator = [1];
  for (let i = 0; i < count; i += 1) {
    const next = [...generator, 0];
    generator.forEach((value, n) => (next[n + 1] ^= times(value, EXP[i])));
    generator = next;
  }
  const rest = [...data, ...new Array(count).fill(0)];
  for (let i = 0; i < data.length; i += 1) {
    const lead = rest[i];
    if (lead) generator.forEach((value, n) => (rest[i + n] ^= times(value, lead)));
  }
  return rest.slice(data.length);
}

function codewords(bytes) {
  const version = BLOCKS.findIndex(([, n1, d1, n2 = 0, d2 = 0], v) => n1 * d1 + n2 * d2 >= bytes.length + (v < 9 ? 2 : 3)) + 1;
  if (version === 0) throw new Error('too long for a code');
  const [ec, n1, d1, n2 = 0, d2 = 0] = BLOCKS[version - 1];
  const total = n1 * d1 + n2 * d2;
  const bits = [];
  const push = (value, width) => {
    for (let i = width - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
  };
  push(4, 4);
  push(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) push(byte, 8);
  push(0, Math.min(4, total * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let i = 0; i < bits.length; i += 8) data.push(parseInt(bits.slice(i, i + 8).join(''), 2));
  for (let pad = 0xec; data.length < total; pad ^= 0xec ^ 0x11) data.push(pad);
  const blocks = [];
  for (let n = 0, from = 0; n < n1 + n2; n += 1) {
    const length = n < n1 ? d1 : d2;
    blocks.push(data.slice(from, from + length));
    from += length;
  }
  const checks = blocks.map((block) => correction(block, ec));
  const woven = [];
  for (let i = 0; i < Math.max(d1, d2); i += 1) for (const block of blocks) if (i < block.length) woven.push(block[i]);
  for (let i = 0; i < ec; i += 1) for (const check of checks) woven.push(check[i]);
  return { version, woven };
}

/** Centres of the alignment patterns. */
function centres(version) {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const last = version * 4 + 10;
  const step = count === 2 ? last - 6 : Math.ceil((last - 6) / (count - 1) / 2) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, i) => last - step * (count - 2 - i))];
}

const MASKS = [
  (x, y) => (x + y) % 2 === 0, (x, y) => y % 2 === 0, (x) => x % 3 === 0, (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(y / 2) + Math.floor(x / 3)) % 2 === 0, (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0, (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** The code as rows of 0 and 1. */
export function matrix(text) {
  const { version, woven } = codewords(new TextEncoder().encode(text));
  const side = version * 4 + 17;
  const grid = Array.from({ length: side }, () => new Int8Array(side).fill(-1));
  const set = (x, y, dark) => {
    if (x >= 0 && y >= 0 && x < side && y < side) grid[y][x] = dark ? 1 : 0;
  };
  for (const [cx, cy] of [[3, 3], [side - 4, 3], [3, side - 4]]) {
    for (let dy = -4; dy <= 4; dy += 1) {
      for (let dx = -4; dx <= 4; dx += 1) set(cx + dx, cy + dy, ![2, 4].includes(Math.max(Math.abs(dx), Math.abs(dy))));
    }
  }
  const at = centres(version);
  for (const cy of at) {
    for (const cx of at) {
      if (grid[cy][cx] !== -1) continue;
      for (let dy = -2; dy <= 2; dy += 1) for (let dx = -2; dx <= 2; dx += 1) set(cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1);
    }
  }
  for (let i = 8; i < side - 8; i += 1) {
    if (grid[6][i] === -1) set(i, 6, i % 2 === 0);
    if (grid[i][6] === -1) set(6, i, i % 2 === 0);
  }
  format(set, side, 0); // keeps the places free
  if (version >= 7) {
    let rest = version;
    for (let i = 0; i < 12; i += 1) rest = (rest << 1) ^ ((rest >> 11) * 0x1f25);
    const bits = (version << 12) | rest;
    for (let i = 0; i < 18; i += 1) {
      const far = side - 11 + (i % 3);
      const near = Math.floor(i / 3);
      set(far, near, (bits >> i) & 1);
      set(near, far, (bits >> i) & 1);
    }
  }
  const free = grid.map((row) => row.map((module) => (module === -1 ? 1 : 0)));
  let bit = 0;
  for (let right = side - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const up = ((right + 1) & 2) === 0;
    for (let i = 0; i < side; i += 1) {
      const y = up ? side - 1 - i : i;
      for (const x of [right, right - 1]) {
        if (!free[y][x]) continue;
        set(x, y, (woven[bit >> 3] >> (7 - (bit & 7))) & 1);
        bit += 1;
      }
    }
  }
  const masked = MASKS.map((mask, n) => {
    const next = grid.map((row) => Array.from(row));
    for (let y = 0; y < side; y += 1) for (let x = 0; x < side; x += 1) if (free[y][x] && mask(x, y)) next[y][x] ^= 1;
    format((x, y, dark) => (next[y][x] = dark ? 1 : 0), side, n);
    return next;
  });
  return masked.reduce((best, next) => (penalty(next) < penalty(best) ? next : best));
}

/** Level M (00) and the mask, with their check bits, twice. */
function format(set, side, mask) {
  let rest = mask;
  for (let i = 0; i < 10; i += 1) rest = (rest << 1) ^ ((rest >> 9) * 0x537);
  const bits = ((mask << 10) | rest) ^ 0x5412;
  const bit = (i) => (bits >> i) & 1;
  for (let i = 0; i < 6; i += 1) set(8, i, bit(i));
  set(8, 7, bit(6));
  set(8, 8, bit(7));
  set(7, 8, bit(8));
  for (let i = 9; i < 15; i += 1) set(14 - i, 8, bit(i));
  for (let i = 0; i < 8; i += 1) set(side - 1 - i, 8, bit(i));
  for (let i = 8; i < 15; i += 1) set(8, side - 15 + i, bit(i));
  set(8, side - 8, 1);
}

function penalty(grid) {
  const side = grid.length;
  let sum = 0;
  const runs = (line) => {
    const text = line.join('');
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
    for (const finder of ['10111010000', '00001011101']) for (let i = text.indexOf(finder); i >= 0; i = text.indexOf(finder, i + 1)) sum += 40;
  };
  for (let i = 0; i < side; i += 1) {
    runs(grid[i]);
    runs(grid.map((row) => row[i]));
  }
  for (let y = 1; y < side; y += 1) {
    for (let x = 1; x < side; x += 1) {
      const module = grid[y][x];
      if (module === grid[y - 1][x] && module === grid[y][x - 1] && module === grid[y - 1][x - 1]) sum += 3;
    }
  }
  const dark = grid.reduce((n, row) => n + row.reduce((a, b) => a + b, 0), 0);
  return sum + Math.floor(Math.abs((dark * 20) / (side * side) - 10)) * 10;
}

/** The code as a picture with its white margin. */
export function code(text, label) {
  const rows = matrix(text);
  const side = rows.length + 8;
  const path = rows.flatMap((row, y) => Array.from(row, (dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('');
  return h('div', { class: 'qr' },
    svg('svg', { viewBox: `0 0 ${side} ${side}`, role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges' },
      svg('path', { fill: '#fff', d: `M0 0h${side}v${side}H0z` }), svg('path', { fill: '#000', d: path })));
}
