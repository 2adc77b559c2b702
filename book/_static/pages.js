/* What pages gain where scripts run: folds that open, claims that filter, numbers that are searched.
   Without it every claim and number is in view and every fold opens by itself. */
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  function element(name, attributes, text) {
    const made = document.createElement(name);
    Object.entries(attributes || {}).forEach(([key, value]) => made.setAttribute(key, value));
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /* Folds: a link into one opens it and what it lies in; paper shows everything. */
  function openAround(target) {
    for (let fold = target && target.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      fold.open = true;
    }
    const own = target && target.querySelector(":scope > details.section-fold");
    if (own) own.open = true;
  }

  function openLinked() {
    const name = decodeURIComponent(location.hash.slice(1));
    const target = name && document.getElementById(name);
    if (target) {
      openAround(target);
      target.scrollIntoView();
    }
  }

  function foldButtons() {
    const folds = all("details.section-fold");
    const place = document.querySelector("#in-one-minute") || document.querySelector(".bd-article h1");
    if (!folds.length || !place) return;
    const bar = element("div", { class: "fold-buttons" });
    const button = element("button", { type: "button" }, "Open every section");
    button.addEventListener("click", () => {
      const opens = folds.some((fold) => !fold.open);
      folds.forEach((fold) => { fold.open = opens; });
      button.textContent = opens ? "Fold the details" : "Open every section";
    });
    const codes = all("details.hide.above-input");
    const code = element("button", { type: "button" }, "Show the code");
    code.addEventListener("click", () => {
      const opens = codes.some((fold) => !fold.open);
      codes.forEach((fold) => { fold.open = opens; });
      code.textContent = opens ? "Hide the code" : "Show the code";
    });
    bar.append(button, ...(codes.length ? [code] : []));
    place.after(bar);
  }

  /* Claims: by paper and by verdict. */
  function choice(label, options, changed) {
    const box = element("label", {}, `${label} `);
    const select = element("select");
    [["", "all"], ...options].forEach(([value, text]) => select.append(element("option", { value }, text)));
    select.addEventListener("change", changed);
    box.append(select);
    return [box, select];
  }

  function claimFilter() {
    const place = document.querySelector(".claim-filter");
    const rows = all("table.claims tbody tr");
    if (!place || !rows.length) return;
    const papers = [], verdicts = new Map();
    rows.forEach((row) => {
      const section = row.closest("section");
      const title = section.querySelector("h2").firstChild.textContent;
      if (!papers.some(([name]) => name === row.dataset.paper)) papers.push([row.dataset.paper, title]);
      verdicts.set(row.dataset.verdict, row.querySelector(".verdict").lastChild.textContent.trim());
    });
    const counted = element("span", { role: "status" });
    const apply = () => {
      let n = 0;
      rows.forEach((row) => {
        const fits = (!paper.value || row.dataset.paper === paper.value) &&
          (!verdict.value || row.dataset.verdict === verdict.value);
        row.hidden = !fits;
        n += fits ? 1 : 0;
      });
      all("table.claims").forEach((table) => {
        const section = table.closest("section");
        section.hidden = !section.querySelector("tbody tr:not([hidden])");
      });
      const isChosen = paper.value || verdict.value;
      all("details.claims-again").forEach((fold) => {
        const n = all("tbody tr:not([hidden])", fold).length;
        fold.hidden = n === 0;
        fold.open = Boolean(isChosen);
      });
      counted.textContent = `${n} of ${rows.length} rows`;
    };
    const [paperBox, paper] = choice("Paper", papers, apply);
    const [verdictBox, verdict] = choice("Verdict", [...verdicts], apply);
    place.append(paperBox, verdictBox, counted);
    apply();
  }

  /* Every number: rows whose name holds what is typed. */
  function metricSearch() {
    const place = document.querySelector(".metric-search");
    if (!place) return;
    const label = element("label", {}, "Search ");
    const input = element("input", { type: "search", placeholder: "for example accuracy" });
    label.append(input);
    place.append(label);
    const rows = all(".bd-article table tbody tr");
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      rows.forEach((row) => {
        const section = row.closest("section");
        const text = `${section.id} ${row.cells[0].textContent}`.toLowerCase();
        row.hidden = wanted !== "" && !text.includes(wanted);
      });
      all(".bd-article section section section").forEach((section) => {
        section.hidden = !section.querySelector("tbody tr:not([hidden])");
        const fold = section.querySelector("details");
        if (fold) fold.open = wanted !== "" && !section.hidden;
      });
    });
  }

  /* What scrolls sideways is reached with the keyboard. */
  function reachable() {
    all(".bd-article pre, .bd-article div.math, .bd-article .cell_output").forEach((area) => {
      if (area.scrollWidth > area.clientWidth + 1) area.tabIndex = 0;
    });
  }

  addEventListener("DOMContentLoaded", () => {
    foldButtons();
    claimFilter();
    metricSearch();
    openLinked();
    reachable();
  });
  addEventListener("hashchange", openLinked);
  addEventListener("load", () => setTimeout(reachable, 0));
  /* Paper has what is folded, but for the code, and the screen is afterwards as it was. */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not(.above-input):not([open])");
    opened.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((fold) => { fold.open = false; }));
})();
