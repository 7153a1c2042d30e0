// The peer @microsoft/recognizers-text-suite, Chinese date-time. It reads JSON lines {"id","text","ref"} on standard input, answers
// each once, then reads them all again and again for the seconds given, after a warm-up, in rounds; and prints one JSON object.
//
//   node recognizers.mjs seconds rounds
//
// The zone must be +08:00 (TZ=Asia/Shanghai): the library reckons in the zone of the process.
import { readFileSync } from 'node:fs';
import recognizers from '@microsoft/recognizers-text-suite';

const [seconds, rounds] = process.argv.slice(2).map(Number);
const items = readFileSync(0, 'utf8').split('\n').filter(Boolean).map((line) => {
  const item = JSON.parse(line);
  return { id: item.id, text: item.text, ref: new Date(item.ref) };
});
const parse = (item) => recognizers.recognizeDateTime(item.text, recognizers.Culture.Chinese, recognizers.DateTimeOptions.None, item.ref);

const two = (n) => String(n).padStart(2, '0');
const day = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
const shift = (date, days) => {
  const d = new Date(`${date}T00:00:00`);
  d.setDate(d.getDate() + days);
  return day(d);
};
const clock = (text) => text && `${text.replace(' ', 'T')}+08:00`;

// likely picks among the halves of the day that a bare clock may mean: one to six in the afternoon, else in the morning.
const likely = (values, hour) => values.find((v) => hour(v) >= 12 && hour(v) <= 18) ?? values[0];

// future picks the reading that lies ahead: the library gives the last and the next one.
const future = (values, ref) => values.find((v) => (v.end ?? v.start ?? v.value) >= ref) ?? values.at(-1);

// answer puts one result into the form of the comparison: a clock alone on the next day that has it, a range of whole days
// with its last day.
function answer(result, ref) {
  const values = (result.resolution?.values ?? []).filter((v) => v.value !== 'not resolved');
  if (values.length === 0) return {};
  const today = day(ref);
  const now = `${today} ${two(ref.getHours())}:${two(ref.getMinutes())}:00`;
  switch (result.typeName.split('.')[1]) {
    case 'date':
      return { start: future(values, today).value };
    case 'datetime': {
      const half = new Set(values.map((v) => v.timex)).size === values.length ? values : [future(values, now)];
      return { start: clock(likely(half, (v) => Number(v.value.slice(11, 13))).value) };
    }
    case 'time': {
      const v = likely(values, (x) => Number(x.value.slice(0, 2))).value;
      const date = `${today} ${v}` >= now ? today : shift(today, 1);
      return { start: clock(`${date} ${v}`) };
    }
    case 'timerange': {
      const v = likely(values, (x) => Number((x.start ?? x.end).slice(0, 2)));
      const date = `${today} ${v.start ?? v.end}` >= now ? today : shift(today, 1);
      const over = v.start && v.end && v.end <= v.start ? 1 : 0;
      return { start: v.start && clock(`${date} ${v.start}`), end: v.end && clock(`${shift(date, over)} ${v.end}`) };
    }
    case 'datetimerange': {
      const v = future(values, now);
      return { start: clock(v.start), end: clock(v.end) };
    }
    case 'daterange': {
      const v = future(values, today);
      const whole = v.end && v.start && !v.timex.startsWith('('); // 2026-W49 ends before the day that is given
      return { start: v.start, end: whole ? shift(v.end, -1) : v.end };
    }
  }
  return {}; // durations and recurrences are not compared
}

let panics = 0;
const answers = items.map((item) => {
  let results = [];
  try {
    results = parse(item);
  } catch {
    panics++;
  }
  const list = results.map((r) => answer(r, item.ref));
  const best = list.find((a) => a.start || a.end) ?? {};
  return { id: item.id, start: best.start ?? null, end: best.end ?? null, found: results.length > 0 };
});
const measured = [];
for (let round = 0; round <= rounds; round++) {
  const length = round === 0 ? 0.5 : seconds / rounds; // the first is the warm-up
  const before = process.cpuUsage();
  const began = performance.now();
  let texts = 0;
  for (let i = 0; performance.now() - began < length * 1000; i = (i + 1) % items.length) {
    try {
      parse(items[i]);
    } catch { /* counted above */ }
    texts++;
  }
  const cpu = process.cpuUsage(before);
  if (round > 0) measured.push({ texts, seconds: (performance.now() - began) / 1000, cpu: (cpu.user + cpu.system) / 1e6 });
}
console.log(JSON.stringify({ answers, panics, rounds: measured }));
