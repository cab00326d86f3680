// What the coverage page does: it filters rows and columns, moves between cells, and tells what the pages say of one.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const table = document.querySelector("table");
const form = document.querySelector("form");
const details = document.getElementById("details");
const heads = [...table.querySelectorAll("thead th")].slice(1);
const rows = [...table.querySelectorAll("tbody tr")];
const aboutField = {
  r: (name, what) => `${name} requires ${what}`,
  s: (name, what) => `${name} supports ${what}`,
  l: (name, what) => `${name} supports ${what}, within limits`,
  n: (name, what) => `${name} does not list ${what}`,
  o: (name, what) => `${name} does not list ${what}, nor has it the operation`,
  u: (name, what) => `${name}: the pages leave ${what} open`,
};
const aboutOperation = {
  s: (name, what) => `${name} has ${what}`,
  l: (name, what) => `${name} has ${what}, with partial lists`,
  n: (name, what) => `${name} does not have ${what}`,
  u: (name, what) => `${name}: the pages leave ${what} open`,
};
const control = (name) => form.querySelector(`#${name}`);
const hiding = document.head.appendChild(document.createElement("style"));
let current = null;

rows.forEach((row, number) => {
  row.number = number;
  row.text = `${row.parentElement.dataset.operation} ${row.dataset.place ?? ""} ${row.dataset.field ?? ""}`.toLowerCase();
  row.kinds = [...row.cells].slice(1).map((cell) => cell.className);
});

function words(name) {
  return control(name).value.toLowerCase().split(/[\s,]+/).filter(Boolean);
}

function filter() {
  const fields = words("field");
  const wanted = words("integration");
  const operation = control("operation").value;
  const place = control("place").value;
  const kind = control("kind").value;
  const onlyKnown = control("known").checked;

  let columns = data.integrations.map((name) => {
    const text = name.toLowerCase();
    return wanted.length === 0 || wanted.some((word) => text.includes(word));
  });
  const fits = (row) => {
    const name = row.parentElement.dataset.operation;
    return name === operation || (operation === "" || operation.endsWith(".")) && name.startsWith(operation);
  };
  const isWanted = (found) => (kind ? found === kind : !onlyKnown || found !== "u");
  const has = (row) => row.kinds.some((found, number) => columns[number] && isWanted(found));
  const shown = rows.filter(
    (row) =>
      fits(row) &&
      has(row) &&
      fields.every((word) => row.text.includes(word)) &&
      (place === "" || row.dataset.place === place)
  );
  columns = columns.map((isShown, number) => isShown && shown.some((row) => isWanted(row.kinds[number])));

  const visible = new Set(shown);
  // A field without the row of its operation would stand alone.
  for (const row of shown) visible.add(row.parentElement.rows[0]);
  for (const row of rows) row.hidden = !visible.has(row);
  hiding.textContent = columns
    .map((isShown, number) => (isShown ? "" : `tr > :nth-child(${number + 2}) { display: none; }`))
    .join("\n");
  heads.forEach((head, number) => (head.isShown = columns[number]));
  const fieldCount = shown.filter((row) => row.dataset.field).length;
  const columnCount = columns.filter(Boolean).length;
  control("shown").textContent = `${counted(fieldCount, "field")}, ${counted(columnCount, "integration")}`;
  const isEmpty = visible.size === 0 || columnCount === 0;
  table.hidden = isEmpty;
  document.getElementById("nothing").hidden = !isEmpty;
  // The rows of operations stick below the head, which is as high as the longest name.
  document.documentElement.style.setProperty("--head", `${table.tHead.offsetHeight}px`);
  if (current && !isReachable(current)) point(null);
  entry();
}

function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function isReachable(cell) {
  return !cell.parentElement.hidden && heads[cell.cellIndex - 1].isShown;
}

// One cell can be reached with the tab key: the current one, or else the first.
function entry() {
  const row = rows.find((candidate) => !candidate.hidden);
  const cell = current ?? (row && [...row.cells].slice(1).find(isReachable));
  for (const former of table.querySelectorAll("td[tabindex]")) {
    // Without it, even for a moment, a cell loses the focus.
    if (former !== cell) former.removeAttribute("tabindex");
  }
  if (cell) cell.tabIndex = 0;
}

function line(...parts) {
  const item = document.createElement("li");
  item.append(...parts);
  return item;
}

function told(fact, name) {
  const says = [];
  if (fact.integrations?.includes(name)) says.push("names it");
  else if (fact.integrations) says.push(`names ${fact.integrations.length} others`);
  if (fact.without?.includes(name)) says.push("covers it, without the operation");
  if (fact.partial?.includes(name)) says.push("calls its lists partial");
  if (fact.required?.includes(name)) says.push("requires it");
  else if (fact.supported?.includes(name)) says.push("supports it");
  else if (fact.values?.[name]) says.push("supports it");
  else if (fact.supported || fact.required) {
    const names = [...(fact.supported ?? []), ...(fact.required ?? [])];
    says.push(names.length ? `names ${names.join(", ")}` : "names nobody");
  }
  if (fact.values?.[name]) says.push(`with the values ${fact.values[name].join(", ")}`);
  if (fact.max_items?.[name]) says.push(`with ${fact.max_items[name]} items at most`);
  if (fact.count) says.push(`counts ${fact.count[0]} supported, ${fact.count[1]} required`);
  if (fact.position) says.push(`beside a field whose name is lost, ${fact.position}`);
  if (fact.beginning) says.push("only the beginning of its list is known");
  return says.join("; ") || "speaks of others";
}

function describe(cell) {
  const row = cell.parentElement;
  const name = data.integrations[cell.cellIndex - 1];
  const operation = row.parentElement.dataset.operation;
  const { field, place } = row.dataset;
  const letter = cell.classList[0];
  const title = document.createElement("h2");
  const sign = document.createElement("span");
  sign.className = `sign ${letter}`;
  sign.textContent = cell.textContent;
  const text = field
    ? aboutField[letter](name, `${field} in the ${place} of ${operation}`)
    : aboutOperation[letter](name, operation);
  title.append(sign, text);
  const facts = data.facts[row.number];
  if (facts.length === 0) {
    const nothing = document.createElement("p");
    nothing.textContent = "No page speaks of it.";
    details.replaceChildren(title, nothing);
    return;
  }
  const list = document.createElement("ul");
  for (const fact of facts) {
    const source = document.createElement("code");
    source.textContent = fact.generation ? `${fact.page}, generation ${fact.generation}` : fact.page;
    list.append(line(source, ` ${told(fact, name)}`));
  }
  details.replaceChildren(title, list);
  details.scrollTop = 0;
}

function point(cell) {
  for (const marked of table.querySelectorAll(".crossed, .current, .pointed")) {
    marked.classList.remove("crossed", "current", "pointed");
  }
  if (!cell) {
    current = null;
    return;
  }
  describe(cell);
  heads[cell.cellIndex - 1].classList.add("current");
  cell.parentElement.cells[0].classList.add("current");
  cell.classList.add("pointed");
  for (const row of rows) if (!row.hidden) row.cells[cell.cellIndex].classList.add("crossed");
}

function move(cell, key) {
  const row = cell.parentElement;
  const shownRows = rows.filter((candidate) => !candidate.hidden);
  const columns = heads.flatMap((head, number) => (head.isShown ? [number + 1] : []));
  let [down, right] = [shownRows.indexOf(row), columns.indexOf(cell.cellIndex)];
  if (key === "ArrowDown") down += 1;
  else if (key === "ArrowUp") down -= 1;
  else if (key === "ArrowRight") right += 1;
  else if (key === "ArrowLeft") right -= 1;
  else if (key === "PageDown") down += 10;
  else if (key === "PageUp") down -= 10;
  else if (key === "Home") right = 0;
  else if (key === "End") right = columns.length - 1;
  else return null;
  down = Math.min(Math.max(down, 0), shownRows.length - 1);
  right = Math.min(Math.max(right, 0), columns.length - 1);
  return shownRows[down].cells[columns[right]];
}

// The sticky head, first column and operation cover what is scrolled below them.
function reveal(cell) {
  const main = document.querySelector("main");
  const frame = main.getBoundingClientRect();
  const box = cell.getBoundingClientRect();
  const group = cell.parentElement.parentElement.rows[0];
  const top = frame.top + heads[0].offsetHeight + (cell.parentElement === group ? 0 : group.offsetHeight);
  const left = frame.left + table.rows[0].cells[0].offsetWidth;
  if (box.top < top) main.scrollTop -= top - box.top;
  else if (box.bottom > frame.bottom - 16) main.scrollTop += box.bottom - frame.bottom + 16;
  if (box.left < left) main.scrollLeft -= left - box.left;
  else if (box.right > frame.right - 16) main.scrollLeft += box.right - frame.right + 16;
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", () => setTimeout(filter));
table.addEventListener("mouseover", (event) => {
  const cell = event.target.closest("td");
  if (cell) point(cell);
});
table.addEventListener("mouseleave", () => point(document.activeElement.closest?.("td") ?? null));
table.addEventListener("mousedown", (event) => {
  const cell = event.target.closest("td");
  if (cell) {
    current = cell;
    entry();
  }
});
table.addEventListener("focusin", (event) => {
  current = event.target.closest("td");
  if (!current) return;
  entry();
  point(current);
});
table.addEventListener("keydown", (event) => {
  const cell = event.target.closest("td");
  const next = cell && !event.ctrlKey && !event.altKey && !event.metaKey && move(cell, event.key);
  if (!next) return;
  event.preventDefault();
  current = next;
  entry();
  next.focus({ preventScroll: true });
  reveal(next);
});

filter();
