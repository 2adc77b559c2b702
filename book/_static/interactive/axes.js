/* A sweep's runs: a line a run across axes that are chosen, moved, coloured and sorted. */
(() => {
  "use strict";
  const MOST_ROWS = 200;
  const COLOURS = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 200, 37]];

  lookCloser.kinds.axes = async (box, data, height) => {
    const { make, choice, button, number, table, span, plot, hover, show, INK } = lookCloser.parts;
    const byName = new Map(data.axes.map((axis) => [axis.name, axis])), n = data.runs.length;
    const state = { shown: [...data.shown], colour: data.metric, sort: data.metric, down: !data.is_least, best: 100 };
    const valueOf = (axis, row) => (axis.kind === "group" ? axis.levels[axis.codes[row]] : axis.values[row]);
    const numberOf = (axis, row) => (axis.kind === "group" ? axis.codes[row] : axis.values[row]);
    const scaled = (axis, value) => (axis.is_log ? Math.log10(value) : value);
    const ends = (axis) => span(Array.from({ length: n }, (_, row) => numberOf(axis, row)).map((value) => (value === null ? null : scaled(axis, value))));
    const place = (axis, row) => {
      const value = numberOf(axis, row), [low, high] = ends_of.get(axis.name);
      return value === null ? NaN : (scaled(axis, value) - low) / (high - low);
    };
    const ends_of = new Map(data.axes.map((axis) => [axis.name, ends(axis)]));
    const mix = (share) => {
      const at = Math.min(Math.max(share, 0), 1) * (COLOURS.length - 1), low = Math.min(Math.floor(at), COLOURS.length - 2);
      return `rgb(${COLOURS[low].map((from, i) => Math.round(from + (at - low) * (COLOURS[low + 1][i] - from))).join(",")})`;
    };

    const lines = new Bokeh.ColumnDataSource({ data: {} });
    const rails = new Bokeh.ColumnDataSource({ data: {} });
    const marks = new Bokeh.ColumnDataSource({ data: {} });
    const heads = new Bokeh.ColumnDataSource({ data: {} });
    const across = new Bokeh.Range1d({ start: -0.4, end: 1 });
    const figure = plot({ x: across, y: new Bokeh.Range1d({ start: -0.05, end: 1.2 }), height: Math.max(height - 120, 360), axes: false, moves: false });
    figure.segment({ field: "x" }, { field: "y0" }, { field: "x" }, { field: "y1" }, { source: rails, line_color: "#777777" });
    const drawn = figure.multi_line({ field: "xs" }, { field: "ys" }, { source: lines, line_color: { field: "colour" }, line_alpha: { field: "alpha" }, line_width: { field: "width" }, hover_line_color: INK, hover_line_alpha: 1 });
    figure.text({ field: "x" }, { field: "y" }, { field: "text" }, { source: marks, x_offset: 5, text_baseline: "middle", text_font_size: "11px", text_color: INK, background_fill_color: "#ffffff", background_fill_alpha: 0.75 });
    figure.text({ field: "x" }, { field: "y" }, { field: "text" }, { source: heads, text_align: { field: "align" }, x_offset: { field: "shift" }, text_font_size: "12px", text_font_style: "bold", text_color: INK });
    hover(figure, drawn, [["run", "@run"], ["values", "@all"]]);

    /* Rows in the chosen order, and whether each is among the best of the colour's metric. */
    const ranked = () => {
      const axis = byName.get(state.sort) ?? data.axes[0], way = state.down ? -1 : 1;
      return [...data.runs.keys()].sort((a, b) => {
        const [first, second] = [numberOf(axis, a), numberOf(axis, b)];
        if (first === null || second === null) return (first === null) - (second === null);
        return way * (first - second);
      });
    };
    const bests = () => {
      const axis = byName.get(data.metric);
      if (!axis || state.best >= 100) return new Set(data.runs.keys());
      const order = [...data.runs.keys()].filter((row) => numberOf(axis, row) !== null);
      order.sort((a, b) => (data.is_least ? 1 : -1) * (numberOf(axis, a) - numberOf(axis, b)));
      return new Set(order.slice(0, Math.max(1, Math.round((order.length * state.best) / 100))));
    };
    const paint = (chosen = null) => {
      const axes = state.shown.map((name) => byName.get(name)), colour = byName.get(state.colour), kept = bests();
      const rows = [...data.runs.keys()].sort((a, b) => kept.has(a) - kept.has(b));
      lines.data = {
        xs: rows.map(() => axes.map((_, at) => at)), ys: rows.map((row) => axes.map((axis) => place(axis, row))),
        colour: rows.map((row) => { const share = colour ? place(colour, row) : 0.3; return Number.isNaN(share) ? "#bbbbbb" : mix(share); }),
        alpha: rows.map((row) => (chosen !== null ? (row === chosen ? 1 : 0.08) : kept.has(row) ? 0.7 : 0.06)), width: rows.map((row) => (row === chosen ? 4 : 1.6)),
        run: rows.map((row) => data.runs[row]), all: rows.map((row) => axes.map((axis) => `${axis.name} ${number(valueOf(axis, row))}`).join(", ")),
      };
      rails.data = { x: axes.map((_, at) => at), y0: axes.map(() => 0), y1: axes.map(() => 1) };
      const ticks = axes.flatMap((axis, at) => {
        const [low, high] = ends_of.get(axis.name);
        if (axis.kind === "group") return axis.levels.map((text, code) => [at, (code - low) / (high - low), text]);
        const back = (value) => (axis.is_log ? 10 ** value : value);
        return [0, 0.5, 1].map((share) => [at, share, number(back(low + share * (high - low)))]);
      });
      marks.data = { x: ticks.map((tick) => tick[0]), y: ticks.map((tick) => tick[1]), text: ticks.map((tick) => tick[2]) };
      const ends_at = axes.length - 1;
      heads.data = { x: axes.map((_, at) => at), y: axes.map((_, at) => (at % 2 ? 1.13 : 1.06)), text: axes.map((axis) => axis.name), align: axes.map((_, at) => (at === 0 ? "left" : at === ends_at ? "right" : "center")), shift: axes.map((_, at) => (at === 0 ? -20 : at === ends_at ? 40 : 0)) };
      across.setv({ start: -0.5, end: Math.max(axes.length - 1, 1) + 0.6 });
    };

    const list = make("div"), paper = make("div", { class: "closer-plot" });
    const relist = () => {
      const by = (at) => {
        const name = ["run", ...state.shown][at];
        if (name === "run") return;
        state.down = state.sort === name ? !state.down : !(byName.get(name).is_input || data.is_least);
        state.sort = name;
        relist();
        list.querySelectorAll("th button")[at].focus();
      };
      const rows = ranked().slice(0, MOST_ROWS);
      const cut = n > MOST_ROWS ? `, the first ${MOST_ROWS}` : "";
      const place_of = new Map(data.runs.map((run, row) => [run, row]));
      const drawn_table = table(`${number(n)} runs by ${state.sort}, ${state.down ? "highest" : "lowest"} first${cut}`, ["run", ...state.shown], rows.map((row) => [data.runs[row], ...state.shown.map((name) => valueOf(byName.get(name), row))]),
        { sort: by, onrow: (row) => paint(row ? place_of.get(row[0]) : null) });
      drawn_table.heads[1 + state.shown.indexOf(state.sort)]?.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      list.replaceChildren(drawn_table);
    };
    const widen = () => { paper.style.minWidth = `${state.shown.length * 84}px`; };
    const again = () => { widen(); paint(); relist(); };
    const chooser = make("div", { class: "closer-axes", role: "group", "aria-label": "Axes" });
    const reorder = (name, by, label) => {
      const at = state.shown.indexOf(name), to = at + by;
      if (to < 0 || to >= state.shown.length) return;
      [state.shown[at], state.shown[to]] = [state.shown[to], state.shown[at]];
      again();
      rechoose();
      [...chooser.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === label)?.focus();
    };
    const rechoose = () => {
      const order = [...state.shown, ...data.axes.map((axis) => axis.name).filter((name) => !state.shown.includes(name))];
      chooser.replaceChildren(...order.map((name) => {
        const box = make("input", { type: "checkbox", checked: state.shown.includes(name), onchange: () => {
          if (box.checked) state.shown.push(name);
          else if (state.shown.length > 2) state.shown = state.shown.filter((one) => one !== name);
          again();
          rechoose();
          [...chooser.querySelectorAll("input")].find((one) => one.value === name).focus();
        } });
        box.value = name;
        const arrows = box.checked ? [["←", -1, `${name} to the left`], ["→", 1, `${name} to the right`]].map(([sign, by, label]) => button(sign, () => reorder(name, by, label), label)) : [];
        return make("span", { class: "closer-axis" }, make("label", {}, box, ` ${name}`), ...arrows);
      }));
    };
    const best = make("input", { type: "range", min: "5", max: "100", step: "5", value: "100", oninput: () => { state.best = Number(best.value); share.textContent = `${best.value} %`; paint(); } });
    const share = make("output", {}, "100 %");
    const axes_part = make("details", {}, make("summary", {}, "Choose axes"), chooser);
    const bar = make("div", { class: "closer-bar" },
      choice("Colour by", data.axes.map((axis) => axis.name), state.colour, (name) => { state.colour = name; paint(); }),
      byName.has(data.metric) ? make("span", { class: "closer-control" }, make("label", {}, `Best by ${data.metric} `, best), share) : null, axes_part);
    box.replaceChildren(bar, make("div", { class: "closer-wide", tabindex: "0", role: "region", "aria-label": "Runs across axes" }, paper), list, make("p", { class: "closer-hint" }, `${data.note}Each line is a run; yellow is high, violet low in the colour chosen. Press a column's name to sort, point at a row to see its line.`));
    rechoose();
    again();
    const view = await show(figure, paper, `${number(n)} runs across ${state.shown.join(", ")}; the table below has their numbers`);
    box.closer = { lines, figure, state, view };
  };
})();
