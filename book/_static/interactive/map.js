/* Samples in a latent space: hover, colour by any fact, one group alone, one sample found. */
(() => {
  "use strict";
  const VIRIDIS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
  const NONE = "#c4c4c4", MOST_LISTED = 8;

  const viridis = (share) => {
    const at = Math.min(Math.max(share, 0), 1) * (VIRIDIS.length - 1), low = Math.min(Math.floor(at), VIRIDIS.length - 2);
    const mixed = VIRIDIS[low].map((from, i) => Math.round(from + (at - low) * (VIRIDIS[low + 1][i] - from)));
    return `rgb(${mixed.join(",")})`;
  };

  const textOf = (fact, row) => {
    if (fact.kind === "group") return fact.codes[row] < 0 ? "not known" : fact.levels[fact.codes[row]];
    return fact.values[row] === null ? "not known" : lookCloser.parts.number(fact.values[row]);
  };

  /* Colour of every row; for numbers the middle 96 % spread over the scale. */
  const colouring = (fact, n) => {
    if (!fact) return { colours: Array(n).fill(lookCloser.parts.ACCENT) };
    if (fact.kind === "group") return { colours: fact.codes.map((code) => (code < 0 ? NONE : fact.colours[code])) };
    const known = fact.values.filter((value) => value !== null).sort((a, b) => a - b);
    const at = (share) => known[Math.round(share * (known.length - 1))];
    const [low, high] = [at(0.02), at(0.98)];
    const colours = fact.values.map((value) => (value === null ? NONE : viridis((value - low) / (high - low || 1))));
    return { colours, low, high };
  };

  lookCloser.kinds.map = async (box, data, height) => {
    const { make, choice, search, button, number, range, plot, hover, zoom, show, said, INK } = lookCloser.parts;
    const n = data.samples.length, size = Math.min(Math.max(Math.sqrt(30000 / n), 3.5), 9);
    const coloured = data.facts.filter((fact) => fact.kind !== "text");
    const texts = data.facts.map((fact) => data.samples.map((_, row) => textOf(fact, row)));
    const sought = data.samples.map((name, row) => [name, ...texts.map((text) => text[row])].join("\n").toLowerCase());
    const state = { space: data.spaces[0], fact: coloured.find((fact) => fact.name === data.colour), alone: new Set() };

    const columns = { x: state.space.x, y: state.space.y, sample: data.samples };
    texts.forEach((text, at) => { columns[`fact${at}`] = text; });
    const { colours } = colouring(state.fact, n);
    const shaped = data.facts.find((fact) => fact.name === data.shape);
    columns.shape = data.samples.map((_, row) => data.shapes[shaped?.codes[row]] ?? "circle");
    const shapes = shaped ? `${shaped.levels.map((level, code) => `${data.shapes[code]}: ${level}`).join(", ")}. ` : "";
    const source = new Bokeh.ColumnDataSource({ data: { ...columns, colour: colours, alpha: Array(n).fill(0.75) } });
    const found = new Bokeh.ColumnDataSource({ data: { x: [], y: [] } });
    const figure = plot({ x: range(state.space.x), y: range(state.space.y), height: Math.max(height - 150, 320), names: [`${state.space.name} 1`, `${state.space.name} 2`] });
    const [fx, fy] = [{ field: "x" }, { field: "y" }];
    const points = figure.scatter(fx, fy, { source, size, marker: { field: "shape" }, fill_color: { field: "colour" }, fill_alpha: { field: "alpha" }, line_color: null });
    figure.scatter(fx, fy, { source: found, size: size + 8, fill_color: null, line_color: INK, line_width: 2 });
    hover(figure, points, [["sample", "@sample"], ...data.facts.map((fact, at) => [fact.name, `@fact${at}`])]);
    figure.add_tools(new Bokeh.TapTool({ renderers: [points] }));
    for (const axis of [figure.xaxis, figure.yaxis]) { axis.major_label_text_color = null; axis.major_tick_line_color = null; }

    const legend = make("div", { class: "closer-legend", role: "group" });
    const report = said();
    const facts = (row) => [data.samples[row], ...data.facts.map((fact, at) => `${fact.name} ${texts[at][row]}`).filter((text) => !text.endsWith("not known"))].join(" · ");

    const fade = () => {
      const { fact, alone } = state;
      const alpha = data.samples.map((_, row) => (!alone.size || alone.has(fact.codes[row]) ? 0.75 : 0.04));
      source.data = { ...source.data, alpha };
      [...legend.querySelectorAll("button")].forEach((one) => one.setAttribute("aria-pressed", String(alone.has(Number(one.value)))));
    };
    const entry = (colour, text, code) => make("button", {
      type: "button", value: String(code), "aria-pressed": "false",
      onclick: () => { if (!state.alone.delete(code)) state.alone.add(code); fade(); },
    }, make("span", { class: "closer-swatch", style: `background:${colour}` }), text);
    const recolour = () => {
      const { fact } = state, found = colouring(fact, n);
      state.alone.clear();
      legend.setAttribute("aria-label", fact ? `${fact.name}: press one to see it alone` : "");
      if (fact?.kind === "group") {
        const counts = fact.levels.map(() => 0);
        let none = 0;
        fact.codes.forEach((code) => { if (code < 0) none += 1; else counts[code] += 1; });
        legend.replaceChildren(
          ...fact.levels.map((level, code) => entry(fact.colours[code], `${level} ${number(counts[code])}`, code)),
          ...(none ? [entry(NONE, `not known ${number(none)}`, -1)] : []));
      } else if (fact) {
        const stops = VIRIDIS.map((part) => `rgb(${part.join(",")})`).join(",");
        legend.replaceChildren(`${number(found.low)} `, make("span", { class: "closer-scale", style: `background:linear-gradient(90deg,${stops})` }), ` ${number(found.high)} and more; grey: not known`);
      }
      source.data = { ...source.data, colour: found.colours, alpha: Array(n).fill(0.75) };
    };
    const find = (words) => {
      const wanted = words.trim().toLowerCase();
      const rows = wanted ? sought.flatMap((text, row) => (text.includes(wanted) ? [row] : [])) : [];
      found.data = { x: rows.map((row) => state.space.x[row]), y: rows.map((row) => state.space.y[row]) };
      if (!wanted) { report.replaceChildren(); return; }
      const listed = rows.slice(0, MOST_LISTED).map((row) => make("li", {}, facts(row)));
      const more = rows.length > MOST_LISTED ? `, the first ${MOST_LISTED} of them` : "";
      report.replaceChildren(make("p", {}, `${number(rows.length)} of ${number(n)} samples have “${words.trim()}”${more}:`), make("ul", {}, ...listed));
    };
    const finder = search("Find", "sample or fact", find);
    const move = (name) => {
      state.space = data.spaces.find((space) => space.name === name);
      source.data = { ...source.data, x: state.space.x, y: state.space.y };
      [["x_range", "x"], ["y_range", "y"]].forEach(([key, axis]) => {
        const to = range(state.space[axis]);
        figure[key].setv({ start: to.start, end: to.end });
      });
      figure.xaxis.axis_label = `${name} 1`;
      figure.yaxis.axis_label = `${name} 2`;
      find(finder.control.value);
    };
    source.selected.change.connect(() => {
      const rows = source.selected.indices.slice(0, MOST_LISTED);
      report.replaceChildren(...rows.map((row) => make("p", {}, facts(row))));
    });

    const bar = make("div", { class: "closer-bar" },
      data.spaces.length > 1 ? choice("Space", data.spaces.map((space) => space.name), state.space.name, move) : null,
      coloured.length ? choice("Colour by", coloured.map((fact) => fact.name), state.fact?.name, (name) => { state.fact = coloured.find((fact) => fact.name === name); recolour(); }) : null,
      finder, zoom(figure));
    const paper = make("div", { class: "closer-plot" });
    box.replaceChildren(bar, paper, legend, report, make("p", { class: "closer-hint" }, `${shapes}Hover or tap a point for what is known of it; drag to move, Ctrl + wheel to zoom.`));
    recolour();
    const view = await show(figure, paper, `${number(n)} samples in ${state.space.name}; use Find to read single ones`);
    box.closer = { source, found, figure, view };
  };
})();
