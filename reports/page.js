// The page is complete without this, which filters by family and verdict, and tells the numbers of a drawing.
"use strict";
const form = document.querySelector(".filter");
const rows = document.querySelectorAll(".claims tbody tr");
const filtered = document.querySelectorAll(".claims tbody tr, section.claim");

function applyFilter() {
  const wanted = [...new FormData(form)].filter(([, value]) => value);
  for (const each of filtered) each.hidden = wanted.some(([name, value]) => each.dataset[name] !== value);
  form.querySelector("output").textContent = `${[...rows].filter((row) => !row.hidden).length} of ${rows.length} claims shown`;
}

// A table laid out as blocks on a narrow screen loses its meaning to some screen readers; roles give it back.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
for (const each of document.querySelectorAll("table.stack, .stack :is(thead, tbody, tr, td, th)")) {
  each.setAttribute("role", ROLES[each.tagName] || (each.scope === "col" ? "columnheader" : "rowheader"));
}

// A link to what the filter hides must still lead there.
function showTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!target) return;
  if (target.hidden) { form.reset(); applyFilter(); target.scrollIntoView(); }
  if (target.tagName === "DETAILS") target.open = true;
}

form.addEventListener("change", applyFilter);
form.addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", showTarget);
form.hidden = rows.length < 2;
form.reset();
applyFilter();
showTarget();

// Numbers are read back from a drawing's own paths; reports/axes.py says what its attributes hold.
const box = document.body.appendChild(Object.assign(document.createElement("output"), { className: "told" }));
const drawings = new Map();
let told = null;
const least = (all, size) => all.reduce((best, each) => (size(each) < size(best) ? each : best));
const off = (line, { x, y }) => Math.min(...line.flatMap((a, i, { [i + 1]: b = a }) => [0, .2, .4, .6, .8]
  .map((share) => Math.hypot(a.x + share * (b.x - a.x) - x, a.y + share * (b.y - a.y) - y))));
const places = (group, shapes) => [...group.querySelectorAll(shapes)].flatMap((shape) => [...["d", "x", "y"]
  .map((name) => shape.getAttribute(name)).join(" ").matchAll(/(-?[\d.]+) ?(-?[\d.]+)/g)].map(([, x, y]) => ({ x: +x, y: +y })));
for (const panel of document.querySelectorAll("[data-axes]")) {
  const axes = panel.dataset.axes.split(",").map((axis) => axis.split(" ")), columns = panel.dataset.columns?.split("\n");
  const inside = (at) => axes.every(([, start, stop], i) => (at["xy"[i]] - start) * (at["xy"[i]] - stop) <= 0);
  const curves = [...panel.querySelectorAll("[data-curve]")].map((group) => places(group, columns ? "use" : "path:not([id])")
    .filter(inside).map((at) => ({ ...at, panel, axes, name: group.dataset.curve })));
  const lines = columns ? [curves.flat().sort((a, b) => a.x - b.x).map((at, i) => ({ ...at, column: columns[i] }))] : curves;
  drawings.set(panel.ownerSVGElement, [...(drawings.get(panel.ownerSVGElement) || []), ...lines.filter((line) => line.length)]);
}

// The shortest number, of three digits at most, that a tenth of a unit on paper does not tell from the one drawn.
function number([kind, start, stop, low, high], place) {
  const even = (at) => +low + (at - start) / (stop - start) * (high - low);
  const [found, above, below] = [0, .06, -.06].map((more) => (kind === "log" ? 10 ** even(place + more) : even(place + more)));
  const shorter = [0, ...[1, 2, 3].map((digits) => Number(found.toPrecision(digits)))];
  const shown = shorter.find((each, digits) => digits === 3 || 2 * Math.abs(each - found) <= Math.abs(above - below));
  const [head, power] = shown.toExponential().split("e");
  const raised = [...power].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");
  return (Math.abs(power) < 5 ? `${shown}` : `${head}×10${raised}`).replace("-", "−");
}

function words({ panel, axes: [across, up], name, column, x, y }) {
  const spans = (column ? ["90 % interval", "95 % interval"] : [name]).map((band) => {
    const ends = places(panel, `[data-band="${CSS.escape(band)}"] path`).filter((end) => end.x === x).sort((a, b) => b.y - a.y);
    return ends.length && `${column ? band : "10th to 90th percentile"} ${number(up, ends[0].y)} to ${number(up, ends.at(-1).y)}`;
  });
  const value = name !== "no number" && `${column ? "estimate " : spans[0] ? "median " : ""}${number(up, y)}`;
  return [column ? `${column}: ${name}` : `${name}\nx = ${number(across, x)}`, value, ...spans].filter(Boolean).join("\n");
}

function tell(at, byKey) {
  if (at === told) return;
  told?.panel.lastChild.remove();
  box.textContent = (told = at) ? words(at) : "";
  if (!at) return;
  at.panel.insertAdjacentHTML("beforeend", `<circle class="spot" cx="${at.x}" cy="${at.y}" r="6"/>`);
  if (byKey) at.panel.lastChild.scrollIntoView({ block: "nearest", inline: "nearest" });
  const { x, y } = at.panel.lastChild.getBoundingClientRect();
  box.style = `left: clamp(min(10.5rem, 50%), ${x + scrollX}px, max(50%, 100% - 10.5rem)); top: ${y + scrollY}px`;
}

for (const kind of ["pointermove", "pointerdown", "focusout"]) addEventListener(kind, (event) => {
  const svg = event.target.closest?.("svg"), curves = drawings.get(svg);
  if (!curves) return event.target === box || event.relatedTarget?.contains(told?.panel) || tell(null);
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  tell(least(least(curves, (line) => off(line, at)), (each) => Math.hypot(each.x - at.x, each.column ? 0 : each.y - at.y)));
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") box.textContent = "";
  const points = drawings.get(event.target.firstElementChild)?.flat(), step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!points || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  tell(points[Math.max(0, Math.min(points.indexOf(told) + step, points.length - 1))], true);
});
