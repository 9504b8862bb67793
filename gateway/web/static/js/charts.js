// Turns a drawn chart into a live one: `[data-chart]` holds two drawings (wide, narrow), or one for
// any width, and an ECharts option as JSON. The drawing stays where there is little room or no ECharts; it is what
// prints, too. Nothing here writes HTML: text goes to the canvas or into textContent.

const WIDE = 560; // px: below, the narrow drawing
const LIVE = 760; // px: below, a drawing reads better than a canvas
const KEY_WIDTH = 348;

let loading = null;

function loadECharts() {
  if (globalThis.echarts) return Promise.resolve(globalThis.echarts);
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("../vendor/echarts.min.js", import.meta.url).href;
    script.nonce = document.querySelector("script[nonce]")?.nonce ?? "";
    script.addEventListener("load", () => resolve(globalThis.echarts));
    script.addEventListener("error", reject);
    document.head.append(script);
  });
  return loading;
}

// Tokens are light-dark() pairs, so the browser has to compute them on an element.
function resolver(element) {
  const probe = document.createElement("span");
  probe.hidden = true;
  element.append(probe);
  const known = new Map();
  const read = (value) => {
    const property = value.startsWith("var(--font") ? "fontFamily" : "color";
    probe.style[property] = value;
    return getComputedStyle(probe)[property];
  };
  return {
    resolve(value) {
      if (!known.has(value)) known.set(value, read(value));
      return known.get(value);
    },
    done: () => probe.remove(),
  };
}

function resolved(value, resolve) {
  if (typeof value === "string") return value.startsWith("var(--") ? resolve(value) : value;
  if (Array.isArray(value)) return value.map((part) => resolved(part, resolve));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, resolved(part, resolve)]));
}

// A bar from low to high at the height of its row; `bar` is the line's style.
function intervalOf(series) {
  return (params, api) => {
    const [x1, y] = api.coord([api.value(0), api.value(2)]);
    const [x2] = api.coord([api.value(1), api.value(2)]);
    return { type: "line", shape: { x1, y1: y, x2, y2: y }, style: series.data[params.dataIndex].bar, silent: true };
  };
}

function axisNumbers(axis, lang) {
  const digits = axis?.axisLabel?.digits;
  if (digits === undefined) return;
  const format = new Intl.NumberFormat(`${lang}-CA`, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  axis.axisLabel.formatter = (value) => format.format(value).replace("-", "\u2212");
}

// What depends on the width of the canvas: the key at its right edge, lines from edge to edge.
function placed(entry, width) {
  if (entry.shape?.x2 === "width") return { ...entry, shape: { ...entry.shape, x2: width } };
  const column = { key: width - KEY_WIDTH, "key-text": width - KEY_WIDTH + 28 }[entry.left];
  if (column !== undefined) return { ...entry, left: column };
  if (entry.left !== "key-count") return entry;
  return { ...entry, left: undefined, right: KEY_WIDTH - 18, style: { ...entry.style, align: "right" } };
}

// Panels share the room that the column of labels leaves: `left` is that column, `right` the inset of each panel.
function spread(grid, width) {
  if (!grid.across) return grid;
  const { across, left, right, ...rest } = grid;
  const [start, end] = across.map((share) => left + share * (width - left));
  return { ...rest, left: start + right, right: width - end + right };
}

// A heading keeps to its panel.
function headed(axis, grids, width) {
  const grid = grids[axis.gridIndex];
  if (!axis.name || !grid?.across) return axis;
  const [start, end] = grid.across;
  return { ...axis, nameTruncate: { maxWidth: (end - start) * (width - grid.left) - 12, ellipsis: "…" } };
}

// Where the arrow keys go: the points of one series in its order, those of several row by row.
function stopsOf(option) {
  const several = Array.isArray(option.cercle.points);
  const stops = [option.cercle.points].flat().flatMap((seriesIndex) =>
    option.series[seriesIndex].data.map(({ name, value }, dataIndex) => ({ seriesIndex, dataIndex, name, row: value[1] })));
  return several ? stops.sort((one, other) => one.row - other.row) : stops;
}

function liveOption(chart) {
  const { resolve, done } = resolver(chart.host);
  const option = resolved(chart.option, resolve);
  done();
  const { lang } = option.cercle;
  delete option.cercle;
  for (const axis of [option.xAxis, option.yAxis].flat()) axisNumbers(axis, lang);
  for (const series of option.series) {
    if (series.renderItem === "interval") series.renderItem = intervalOf(series);
  }
  // The stock template escapes for HTML, which nothing here is.
  option.tooltip.formatter = (point) => point.name;
  const width = chart.canvas.clientWidth;
  const grids = [option.grid].flat();
  option.yAxis = [option.yAxis].flat().map((axis) => headed(axis, grids, width));
  option.grid = grids.map((grid) => spread(grid, width));
  option.graphic = option.graphic?.map((entry) => placed(entry, width));
  return option;
}

function show(chart) {
  const width = chart.host.clientWidth;
  const live = Boolean(chart.view) && width >= LIVE;
  reveal(chart, live ? null : width < WIDE ? chart.narrow : chart.wide);
  return live;
}

// One of the drawings, or the canvas. A drawing that fits any width is both the wide and the narrow one.
function reveal(chart, drawing) {
  for (const one of [chart.wide, chart.narrow]) {
    one.hidden = one !== drawing;
    one.style.display = one.hidden ? "none" : "block";
  }
  if (chart.canvas) chart.canvas.hidden = drawing !== null;
}

function draw(chart) {
  if (!show(chart)) return;
  chart.view.resize({ width: chart.host.clientWidth, height: chart.option.cercle.height });
  chart.view.setOption(liveOption(chart), true);
}

function pointAt(chart, index) {
  downplay(chart);
  chart.at = Math.min(Math.max(index, 0), chart.stops.length - 1);
  const { seriesIndex, dataIndex, name } = chart.stops[chart.at];
  chart.view.dispatchAction({ type: "highlight", seriesIndex, dataIndex });
  chart.view.dispatchAction({ type: "showTip", seriesIndex, dataIndex });
  chart.live.textContent = name.replaceAll("\n", " ");
}

function downplay(chart) {
  const { seriesIndex, dataIndex } = chart.stops[chart.at] ?? {};
  if (seriesIndex !== undefined) chart.view.dispatchAction({ type: "downplay", seriesIndex, dataIndex });
}

function leave(chart) {
  downplay(chart);
  chart.view.dispatchAction({ type: "hideTip" });
  chart.at = -1;
  chart.live.textContent = "";
}

// Up and down stay in a panel; without another point of it that way, one stays where one is.
function inPanel(chart, step) {
  const here = chart.stops[chart.at];
  if (!here) return 0;
  let at = chart.at + step;
  while (chart.stops[at] && chart.stops[at].seriesIndex !== here.seriesIndex) at += step;
  return chart.stops[at] ? at : chart.at;
}

function onKey(chart, event) {
  const moves = {
    ArrowDown: () => inPanel(chart, 1), ArrowUp: () => inPanel(chart, -1), ArrowRight: () => chart.at + 1,
    ArrowLeft: () => chart.at - 1, Home: () => 0, End: () => chart.stops.length - 1,
  };
  if (event.key === "Escape") leave(chart);
  else if (event.key in moves) pointAt(chart, moves[event.key]());
  else return;
  event.preventDefault();
}

function makeCanvas(chart) {
  const canvas = document.createElement("div");
  canvas.className = "chart-canvas";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", `${chart.host.dataset.chartAlt} ${chart.host.dataset.chartHint}`);
  canvas.style.height = `${chart.option.cercle.height}px`;
  canvas.addEventListener("keydown", (event) => onKey(chart, event));
  canvas.addEventListener("blur", () => leave(chart));
  chart.live = document.createElement("p");
  chart.live.className = "visually-hidden";
  chart.live.setAttribute("role", "status");
  chart.host.append(canvas, chart.live);
  return canvas;
}

async function goLive(chart) {
  const echarts = await loadECharts();
  await document.fonts?.ready;
  chart.canvas = makeCanvas(chart);
  chart.view = echarts.init(chart.canvas, null, { renderer: "canvas", width: chart.host.clientWidth, height: chart.option.cercle.height });
  draw(chart);
}

function watch(chart) {
  let width = chart.host.clientWidth;
  new ResizeObserver(() => {
    if (chart.host.clientWidth === width) return;
    width = chart.host.clientWidth;
    if (width >= LIVE && !chart.view && !chart.asked) start(chart);
    else draw(chart);
  }).observe(chart.host);
  const redraw = () => draw(chart);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  matchMedia("(prefers-contrast: more)").addEventListener("change", redraw);
  new MutationObserver(redraw).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  // Paper gets the drawing: sharp at any size, and in the colours of print.
  addEventListener("beforeprint", () => printing(chart, true));
  addEventListener("afterprint", () => printing(chart, false));
}

function printing(chart, on) {
  if (!chart.view) return;
  if (on) reveal(chart, chart.wide);
  else draw(chart);
}

function start(chart) {
  chart.asked = true;
  goLive(chart).catch(() => show(chart)); // without ECharts the drawing stays
}

export function upgrade(host) {
  if (host.dataset.chartReady) return;
  const data = host.querySelector('script[type="application/json"]');
  const wide = host.querySelector(".chart-wide, .chart-any");
  const narrow = host.querySelector(".chart-narrow") ?? wide;
  if (!data || !wide) return;
  host.dataset.chartReady = "true";
  const option = JSON.parse(data.textContent);
  const stops = stopsOf(option);
  // Without a point there is nothing to make live: every figure is hidden.
  const chart = { host, wide, narrow, option, stops, at: -1, asked: stops.length === 0 };
  show(chart);
  watch(chart);
  if (host.clientWidth >= LIVE && !chart.asked) start(chart);
}

export function upgradeAll(root = document) {
  root.querySelectorAll("[data-chart]").forEach(upgrade);
}

upgradeAll();
document.addEventListener("htmx:load", (event) => upgradeAll(event.target));
