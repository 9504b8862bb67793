// What the form says now, by element code, in the shapes of the service; and whether an element is answered.

const SIDES = ["importance", "ability"];

export function readAll(form, elements) {
  const data = new FormData(form);
  const answers = {};
  for (const element of elements) {
    const answer = READERS[element.kind]?.(data, element);
    if (answer && Object.keys(answer).length) answers[element.code] = answer;
  }
  return answers;
}

const given = (pairs) => Object.fromEntries(pairs.filter(([, value]) => value !== null && value !== "" && value !== undefined));
const whole = (text) => (/^[0-9]+$/.test(text || "") ? Number(text) : null);

function pair(data, { code }) {
  if (data.get(`na-${code}`)) return { importance: "na", ability: "na" };
  return given(SIDES.map((side) => [side, whole(data.get(`${side}-${code}`))]));
}

function matrix(data, { code, rows }) {
  return given(rows.map((row) => [row.code, data.get(`row:${code}:${row.code}`)]));
}

function single(data, { code }) {
  const choice = data.get(`choice:${code}`);
  return given([["choice", choice], ["text", choice === "other" ? data.get(`text:${code}`) : null]]);
}

function multiple(data, { code }) {
  const choices = data.getAll(`choices:${code}`);
  return given([["choices", choices.length ? choices : null], ["text", choices.includes("other") ? data.get(`text:${code}`) : null]]);
}

function ranking(data, { code, options }) {
  const placed = options
    .map((option) => [whole(data.get(`rank:${code}:${option.code}`)), option.code])
    .filter(([place]) => place)
    .sort(([a], [b]) => a - b)
    .map(([, option]) => option);
  return placed.length ? { order: placed } : {};
}

function maxdiff(data, { code, sets }) {
  const found = {};
  (sets || []).forEach((_, place) => {
    const chosen = given(["best", "worst"].map((end) => [end, data.get(`${end}:${code}:${place}`)]));
    if (Object.keys(chosen).length) found[place] = chosen;
  });
  return Object.keys(found).length ? { sets: found } : {};
}

function number(data, { code }) {
  const text = (data.get(`value:${code}`) || "").replace(/[\s\u00a0\u202f]/g, "").replace(",", ".").replace("−", "-");
  const value = Number(text);
  return text && Number.isFinite(value) ? { value } : {};
}

const text = (data, { code }) => given([["value", data.get(`value:${code}`)]]);

function consent(data, { code }) {
  const said = data.get(`value:${code}`);
  return said ? { value: said === "yes" } : {};
}

const READERS = {
  pair, matrix, single, multiple, ranking, maxdiff, number, consent, date: text, "short-text": text, "long-text": text,
};

// Everything that the element could ask is there.
export function complete(element, answer) {
  if (!answer) return false;
  switch (element.kind) {
    case "pair": return SIDES.every((side) => side in answer);
    case "matrix": return element.rows.every((row) => row.code in answer);
    case "maxdiff": return (element.sets || []).every((_, place) => answer.sets?.[place]?.best && answer.sets[place].worst);
    case "ranking": return answer.order?.length >= (element.top || element.options.length);
    case "multiple": return answer.choices?.length >= Math.max(1, element.min || 0) && (!answer.choices.includes("other") || Boolean(answer.text));
    case "single": return "choice" in answer && (answer.choice !== "other" || Boolean(answer.text));
    case "consent": return element.required ? answer.value === true : "value" in answer;
    default: return "value" in answer;
  }
}

export const asks = (element) => element.kind in READERS;
