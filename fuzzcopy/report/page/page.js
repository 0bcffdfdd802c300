"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const lists = [...document.querySelectorAll("ol")];
  const rows = lists.map((list) => [...list.children]);
  const slider = document.getElementById("slider");
  const panel = document.getElementById("state");
  const now = document.getElementById("now");
  const title = document.getElementById("at");
  const at = lists.map(() => 0);
  let run = 0;

  // All facts after a row, and the keys that this row changed with what they were before.
  function stateAt(r, row) {
    const state = new Map(data.runs[r].initial);
    const was = new Map();
    data.runs[r].rows.slice(0, row + 1).forEach(([changes], i) => {
      for (const [key, value] of changes) {
        if (i === row && !was.has(key)) was.set(key, state.get(key) ?? -1);
        if (value < 0) state.delete(key);
        else state.set(key, value);
      }
    });
    return [state, was];
  }

  function element(name, text, parent, kind) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    if (parent) parent.append(made);
    return made;
  }

  function show() {
    const row = at[run];
    const [state, was] = stateAt(run, row);
    const known = [...new Set([...state.keys(), ...was.keys()])];
    panel.replaceChildren();
    for (const [kind, heading] of data.kinds) {
      const mine = known.filter((key) => data.keys[key][0] === kind);
      if (!mine.length) continue;
      mine.sort((a, b) => (data.keys[a][1] < data.keys[b][1] ? -1 : 1));
      element("h3", heading, panel);
      const body = element("tbody", "", element("table", "", panel));
      for (const key of mine) {
        const line = element("tr", "", body, was.has(key) ? "new" : "");
        element("th", data.keys[key][1], line).scope = "row";
        const cell = element("td", "", line);
        const old = was.get(key);
        if (old >= 0 && old !== state.get(key)) {
          element("del", data.values[old], cell);
          cell.append(" ");
        }
        cell.append(state.has(key) ? data.values[state.get(key)] : "gone");
        if (was.has(key)) cell.append(" (changed)");
      }
    }
    const [, place, told] = data.runs[run].rows[row];
    title.textContent = `after row ${rows[run][row].textContent.trim().split(" ")[0]} of the run that ${data.runs[run].title}`;
    now.replaceChildren();
    element("strong", rows[run][row].textContent.trim(), now);
    if (place >= 0) element("div", data.places[place], now);
    for (const text of told) element("div", text, now);
  }

  function pick(r, row, follow = true) {
    row = Math.max(0, Math.min(rows[r].length - 1, row));
    rows[r][at[r]].removeAttribute("aria-selected");
    at[r] = row;
    const item = rows[r][row];
    item.setAttribute("aria-selected", "true");
    lists[r].setAttribute("aria-activedescendant", item.id);
    const box = lists[r].closest(".scroll");
    const top = item.offsetTop - box.clientHeight / 2;
    if (item.offsetTop < box.scrollTop + 44 || item.offsetTop > box.scrollTop + box.clientHeight - 66) box.scrollTop = top;
    if (!follow) return;
    choose(r);
    // Until they part, both runs are at the same step.
    rows.forEach((list, other) => {
      if (other !== r) pick(other, Math.min(row, list.length - 1), false);
    });
    slider.max = rows[r].length - 1;
    slider.value = row;
    slider.setAttribute("aria-valuetext", item.textContent.trim());
    show();
  }

  function choose(r) {
    run = r;
    document.querySelectorAll(".run").forEach((section, i) => section.classList.toggle("shown", i === r));
    const radio = document.querySelector(`input[name=run][value="${r}"]`);
    if (radio) radio.checked = true;
  }

  function mark(step) {
    for (let i = at[run] + step; i >= 0 && i < rows[run].length; i += step)
      if (rows[run][i].querySelector("mark")) return i;
    return at[run];
  }

  const go = {
    first: () => 0,
    last: () => rows[run].length - 1,
    "mark-before": () => mark(-1),
    "mark-after": () => mark(1),
  };
  const keys = {
    ArrowDown: () => at[run] + 1, ArrowRight: () => at[run] + 1,
    ArrowUp: () => at[run] - 1, ArrowLeft: () => at[run] - 1,
    PageDown: () => at[run] + 10, PageUp: () => at[run] - 10,
    Home: go.first, End: go.last,
  };

  document.addEventListener("keydown", (event) => {
    const inside = event.target.closest("input, #state, summary, pre");
    if (inside || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    pick(run, keys[event.key]());
  });
  document.querySelectorAll("button[data-go]").forEach((button) =>
    button.addEventListener("click", () => pick(run, go[button.dataset.go]())));
  slider.addEventListener("input", () => pick(run, Number(slider.value)));
  document.querySelectorAll("input[name=run]").forEach((radio) =>
    radio.addEventListener("change", () => pick(Number(radio.value), at[Number(radio.value)])));
  lists.forEach((list, r) => {
    list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      if (item) pick(r, rows[r].indexOf(item));
    });
    list.addEventListener("mouseover", (event) => {
      const item = event.target.closest("li");
      if (item && matchMedia("(hover: hover)").matches) pick(r, rows[r].indexOf(item));
    });
    list.addEventListener("focus", () => { if (run !== r) pick(r, at[r]); });
  });
  choose(0);
  pick(0, data.begin);
})();
