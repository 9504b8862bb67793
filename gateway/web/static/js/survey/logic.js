// Conditions, jumps, computed values and piping: the rules of the surveys service (domain/instrument/logic.py, texts.py),
// so that questions come and go while one answers. tests/unit/web/test_survey_logic.py holds the two side by side.

const NA = "na";
const OTHER = "other";
const BLANK = "…";
const MARK = /\{\{\s*([a-z0-9.-]+)(?::([a-z0-9.-]+))?\s*\}\}/g;
const FIELD = { single: "choice", multiple: "choices", ranking: "order" };
const ORDER = {
  less: (a, b) => a < b,
  "at-most": (a, b) => a <= b,
  more: (a, b) => a > b,
  "at-least": (a, b) => a >= b,
};

// One pass over the elements: [{code, shown, value}]; value only for computed elements that are shown.
export function walk(elements, answers) {
  const kinds = new Map(elements.map((element) => [element.code, element.kind]));
  const seen = new Map();
  const found = [];
  let target = null;
  for (const element of elements) {
    const { code } = element;
    if (target !== null && code !== target) {
      found.push({ code, shown: false });
      continue;
    }
    target = null;
    const shown = element.show_if == null || holds(element.show_if, seen, kinds);
    const step = { code, shown };
    if (shown && element.kind === "computed") {
      step.value = evaluate(element.compute, seen, kinds);
      seen.set(code, { value: step.value });
    } else if (shown && Object.hasOwn(answers, code)) {
      seen.set(code, answers[code]);
    }
    found.push(step);
    if (shown) target = jump(element, seen, kinds);
  }
  return found;
}

export function visible(elements, answers) {
  return walk(elements, answers).filter((step) => step.shown).map((step) => step.code);
}

export function computedValues(elements, answers) {
  return Object.fromEntries(walk(elements, answers).filter((step) => "value" in step).map((step) => [step.code, step.value]));
}

// No element has the empty code, so "end" shows nothing more.
function jump(element, seen, kinds) {
  for (const rule of element.go_to || []) {
    if (holds(rule.if, seen, kinds)) return rule.to === "end" ? "" : rule.to;
  }
  return null;
}

export function holds(condition, seen, kinds) {
  if ("all" in condition) return condition.all.every((part) => holds(part, seen, kinds));
  if ("any" in condition) return condition.any.some((part) => holds(part, seen, kinds));
  if ("not" in condition) return !holds(condition.not, seen, kinds);
  return test(condition, valueAt(condition, seen, kinds));
}

function test(condition, value) {
  const word = condition.is;
  const wanted = condition.value ?? null;
  const answered = value !== null && value !== "" && !(Array.isArray(value) && !value.length);
  if (word === "answered" || word === "not-answered") return answered === (word === "answered");
  if (!answered) return word === "not-equals";
  if (word === "includes") return Array.isArray(value) ? value.some((one) => same(one, wanted)) : same(value, wanted);
  if (word === "equals" || word === "not-equals") {
    const equal = Array.isArray(value) ? value.length === 1 && same(value[0], wanted) : same(value, wanted);
    return equal === (word === "equals");
  }
  // Dates are ISO text, so their order is that of their letters.
  if (typeof value === "string" && typeof wanted === "string") return ORDER[word](value < wanted ? -1 : value > wanted ? 1 : 0, 0);
  const number = numberOf(value);
  const limit = numberOf(wanted);
  return number !== null && limit !== null && ORDER[word](number, limit);
}

// As the service compares: true is 1 and false is 0, and nothing else of different kinds is the same.
function same(a, b) {
  const plain = (value) => (typeof value === "boolean" ? Number(value) : value);
  return plain(a) === plain(b);
}

function valueAt(place, seen, kinds) {
  const answer = seen.get(place.item);
  if (answer == null) return null;
  if (place.part != null) {
    const found = answer[place.part] ?? null;
    return found === NA ? null : found;
  }
  return answer[FIELD[kinds.get(place.item)] || "value"] ?? null;
}

export function evaluate(expression, seen, kinds) {
  if (typeof expression === "number") return expression;
  if ("item" in expression) return numberOf(valueAt(expression, seen, kinds));
  const [word, inner] = Object.entries(expression)[0];
  const values = inner.map((part) => evaluate(part, seen, kinds));
  const given = values.filter((value) => value !== null);
  if (word === "minus" || word === "times" || word === "over") return two(word, values[0], values[1]);
  if (word === "count") return given.length;
  if (!given.length) return null;
  if (word === "least") return finite(given.reduce((a, b) => (b < a ? b : a)));
  if (word === "most") return finite(given.reduce((a, b) => (b > a ? b : a)));
  const total = exactSum(given);
  return finite(word === "mean" ? total / given.length : total);
}

function two(word, a, b) {
  if (a === null || b === null || (word === "over" && b === 0)) return null;
  return finite(word === "minus" ? a - b : word === "times" ? a * b : a / b);
}

// Shewchuk's sum, which loses nothing on the way, as Python's math.fsum: 0.1 ten times is 1.
function exactSum(values) {
  let partials = [];
  for (let x of values) {
    const next = [];
    for (let y of partials) {
      if (Math.abs(x) < Math.abs(y)) [x, y] = [y, x];
      const high = x + y;
      const low = y - (high - x);
      if (low) next.push(low);
      x = high;
    }
    partials = [...next, x];
  }
  return partials.reduceRight((sum, part) => sum + part, 0);
}

function finite(value) {
  return Number.isFinite(value) ? value : null;
}

// A number as such; a point or option whose code is a whole number counts as that number.
function numberOf(value) {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^[0-9]+$/.test(value) ? Number(value) : null;
}

// --- piping: plain text, so whoever shows it sets textContent

export function piped(text, language, elements, answers) {
  const known = new Map(elements.map((element) => [element.code, element]));
  return text.replace(MARK, (_, code, part) => {
    const element = known.get(code);
    const answer = answers[code];
    return (element && answer && shown(element, answer, part, language)) || BLANK;
  });
}

function shown(element, answer, part, language) {
  const label = (entries, code) => {
    const entry = (entries || []).find((one) => one.code === code);
    return entry ? entry.text?.[language] || "" : String(code ?? "");
  };
  const chosen = (code) => (code === OTHER ? answer.text || "" : label(element.options, code));
  if (part) return label(element.points, answer[part]);
  if (element.kind === "single") return answer.choice == null ? "" : chosen(answer.choice);
  if (element.kind === "multiple" || element.kind === "ranking") {
    const codes = answer.choices?.length ? answer.choices : answer.order || [];
    return codes.map(chosen).filter(Boolean).join(", ");
  }
  return figure(answer.value, language);
}

// A number with at most six significant digits, with the comma or point of the language.
function figure(value, language) {
  if (value == null || typeof value === "boolean") return "";
  if (typeof value !== "number") return String(value);
  const text = String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
  return language === "fr" ? text.replace(".", ",") : text;
}
