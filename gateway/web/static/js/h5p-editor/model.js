// What is being written: parameters and metadata, with every step undoable.

const STEPS = 60;
const MERGE_MS = 1500;

export class Model {
  constructor(params, metadata) {
    this.state = { params, metadata };
    this.past = [];
    this.future = [];
    this.last = { key: "", at: 0 };
    this.watchers = [];
  }

  watch(run) {
    this.watchers.push(run);
  }

  get(path) {
    return path.reduce((value, key) => (value === null || value === undefined ? undefined : value[key]), this.state);
  }

  /** Set, or remove with `undefined`. Typing in one field is one step. */
  set(path, value, { merge = false } = {}) {
    this.step(merge ? path.join(".") : "");
    this.put(path, value);
    this.tell({ path, typed: merge });
  }

  /** Several changes as one step. */
  change(path, run) {
    this.step("");
    run();
    this.tell({ path, typed: false });
  }

  /** Without a step of its own. */
  put(path, value) {
    let place = this.state;
    path.slice(0, -1).forEach((key, index) => {
      if (typeof place[key] !== "object" || place[key] === null) {
        place[key] = typeof path[index + 1] === "number" ? [] : {};
      }
      place = place[key];
    });
    const key = path.at(-1);
    if (value === undefined) {
      if (Array.isArray(place)) place.splice(key, 1);
      else delete place[key];
    } else {
      place[key] = value;
    }
  }

  step(key) {
    const now = Date.now();
    const continues = key && key === this.last.key && now - this.last.at < MERGE_MS;
    this.last = { key, at: now };
    if (continues) return;
    this.past.push(JSON.stringify(this.state));
    if (this.past.length > STEPS) this.past.shift();
    this.future = [];
  }

  get canUndo() {
    return this.past.length > 0;
  }

  get canRedo() {
    return this.future.length > 0;
  }

  undo() {
    this.travel(this.past, this.future);
  }

  redo() {
    this.travel(this.future, this.past);
  }

  travel(from, to) {
    if (!from.length) return;
    to.push(JSON.stringify(this.state));
    this.state = JSON.parse(from.pop());
    this.last = { key: "", at: 0 };
    this.tell({ path: [], typed: false, travelled: true });
  }

  tell(what) {
    this.watchers.forEach((run) => run(what));
  }
}

// --- fields and their values

/** A group of one field is stored as that field's value. */
export const isFlat = (field) => field.type === "group" && field.fields?.length === 1 && !field.isSubContent;

/** Numbers that a canvas would set; here they are typed. */
const PLACES = { x: 10, y: 10, width: 40, height: 30, from: 0, to: 10 };
export const isPlace = (field) => field.widget === "none" && field.type === "number" && field.name in PLACES;

/** The value of a field that nobody has filled in yet; undefined where there is none. */
export function blank(field) {
  const given = field.default === undefined || field.default === null ? undefined : structuredClone(field.default);
  switch (field.type) {
    case "group":
      return isFlat(field) ? blank(field.fields[0]) : blankGroup(field, given);
    case "select":
      return given ?? (field.multiple ? [] : undefined);
    case "list": {
      if (Array.isArray(given)) return given;
      const count = field.defaultNum ?? field.min ?? (field.optional ? 0 : 1);
      return Array.from({ length: count }, () => blank(field.field)).map((value) => value ?? emptyOf(field.field));
    }
    case "boolean":
      return given ?? false;
    case "number":
      return given ?? (isPlace(field) ? PLACES[field.name] : undefined);
    case "library": case "image": case "video": case "audio": case "file":
      return undefined;
    default:
      return given ?? (isMark(field) ? crypto.randomUUID() : undefined);
  }
}

/** An optional group stays away until something in it has a value that says anything. */
function blankGroup(field, given) {
  const made = Object.entries((field.fields || []).reduce((all, one) => ({ ...all, [one.name]: blank(one) }), {}));
  const values = { ...(field.widget === "duration" ? { from: PLACES.from, to: PLACES.to } : {}), ...given,
    ...Object.fromEntries(made.filter(([name, value]) => value !== undefined && given?.[name] === undefined)) };
  return field.optional && !saysSomething(values) ? undefined : values;
}

function saysSomething(value) {
  if (value && typeof value === "object") return Object.values(value).some(saysSomething);
  return value !== undefined && value !== null && value !== false && value !== "";
}

/** A text that only has to tell things apart: nobody should have to think of one. */
const isMark = (field) => field.type === "text" && field.name === "id" && !field.optional && fits(field.regexp, "0c5e2f6a-7b1d-4c3e-9a51-2f6f0b5d4a10");

function fits(rule, text) {
  try {
    return rule ? new RegExp(rule.pattern, rule.modifiers || "").test(text) : false;
  } catch {
    return false;
  }
}

/** A place in a list must hold something. */
export function emptyOf(field) {
  return { text: "", group: isFlat(field) ? emptyOf(field.fields[0]) : {}, boolean: false, list: [], number: null, video: [], audio: [] }[field.type] ?? null;
}

/** Give content written with an older version of its library the defaults of fields that it does not know. */
export function fill(fields, values, formOf) {
  for (const field of fields) {
    const value = values[field.name];
    if (value === undefined || value === null) {
      const made = field.type === "list" && !field.default ? undefined : blank(field);
      if (made !== undefined) values[field.name] = made;
    } else {
      fillOne(field, value, formOf);
    }
  }
}

function fillOne(field, value, formOf) {
  if (field.type === "group" && !isFlat(field) && value && typeof value === "object") fill(field.fields || [], value, formOf);
  else if (field.type === "list" && Array.isArray(value)) value.forEach((item) => item && fillOne(field.field || {}, item, formOf));
  else if (field.type === "library" && value?.params) {
    const form = formOf(value.library);
    if (form) fill(form.semantics, value.params, formOf);
  }
}

/** Names of all libraries in parameters. */
export function librariesIn(value, found = new Set()) {
  if (Array.isArray(value)) value.forEach((one) => librariesIn(one, found));
  else if (value && typeof value === "object") {
    if (typeof value.library === "string" && value.params) found.add(value.library);
    Object.values(value).forEach((one) => librariesIn(one, found));
  }
  return found;
}

/** A copy whose sub-contents and marks are others than the original's. */
export function copied(value, field) {
  const copy = structuredClone(value);
  if (field) remark(field, copy);
  (function renew(one) {
    if (!one || typeof one !== "object") return;
    if (typeof one.subContentId === "string") one.subContentId = crypto.randomUUID();
    Object.values(one).forEach(renew);
  })(copy);
  return copy;
}

function remark(field, value) {
  if (!value || typeof value !== "object") return;
  if (field.type === "list") value.forEach((item) => remark(field.field || {}, item));
  if (field.type !== "group" || isFlat(field)) return;
  for (const one of field.fields || []) {
    if (isMark(one) && value[one.name]) value[one.name] = crypto.randomUUID();
    else remark(one, value[one.name]);
  }
}

/** Whether the conditions of a field hold. `siblings` are the fields beside it, `parent` the path of their values. */
export function isShown(field, siblings, parent, model) {
  for (const other of siblings) {
    if (other.widget !== "selectToggleFields") continue;
    const chosen = (other.options || []).find((option) => option.value === model.get([...parent, other.name]));
    if (chosen?.hideFields?.includes(field.name)) return false;
  }
  const condition = field.showWhen;
  if (field.widget !== "showWhen" || !condition?.rules) return true;
  const met = condition.rules.map((rule) => holds(rule, siblings, parent, model));
  return condition.type === "and" ? met.every(Boolean) : met.some(Boolean);
}

function holds(rule, siblings, parent, model) {
  const steps = String(rule.field).split("/");
  const base = [...parent];
  while (steps[0] === "..") { steps.shift(); base.pop(); }
  let value = model.get([...base, ...steps]);
  if (value === undefined) value = siblings.find((one) => one.name === rule.field)?.default;
  const wanted = Array.isArray(rule.equals) ? rule.equals : [rule.equals];
  if (value && typeof value === "object" && "library" in value) {
    return wanted.some((name) => String(name).split(" ")[0] === String(value.library).split(" ")[0]);
  }
  return wanted.includes(value) || (value === undefined && wanted.includes(false));
}
