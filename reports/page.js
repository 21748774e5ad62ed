// The page is complete without this, which only filters by family and verdict.
"use strict";
const form = document.querySelector(".filter");
const rows = document.querySelectorAll(".claims tbody tr");
const filtered = document.querySelectorAll(".claims tbody tr, section.claim");

function applyFilter() {
  const { family, verdict } = Object.fromEntries(new FormData(form));
  for (const each of filtered) {
    each.hidden = (family && each.dataset.family !== family) || (verdict && each.dataset.verdict !== verdict);
  }
  const shown = [...rows].filter((row) => !row.hidden).length;
  form.querySelector("output").textContent = `${shown} of ${rows.length} claims shown`;
}

// A table laid out as blocks on a narrow screen loses its meaning to some screen readers; roles give it back.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
for (const table of document.querySelectorAll("table.stack")) {
  for (const each of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")]) {
    each.setAttribute("role", ROLES[each.tagName] || (each.scope === "col" ? "columnheader" : "rowheader"));
  }
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
