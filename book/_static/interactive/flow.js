/* From known groups to found ones: bands as wide as the samples in them. */
(() => {
  "use strict";
  const BAR = 0.04, GAP = 0.045, STEPS = 24;

  const bars = (groups) => {
    const total = groups.reduce((sum, group) => sum + group.n, 0), room = 1 - GAP * (groups.length - 1);
    let top = 1;
    return groups.map((group) => {
      const height = (group.n / total) * room, bar = { ...group, top, height, used: 0 };
      top -= height + GAP;
      return bar;
    });
  };

  const curve = (from, to) => Array.from({ length: STEPS + 1 }, (_, step) => {
    const t = step / STEPS, ease = t * t * (3 - 2 * t);
    return [BAR + t * (1 - 2 * BAR), from + ease * (to - from)];
  });

  lookCloser.kinds.flow = async (box, data, height) => {
    const { make, choice, number, table, plot, hover, show, said, INK } = lookCloser.parts;
    const [left, right] = [bars(data.sources), bars(data.targets)];
    const bands = { xs: [], ys: [], colour: [], alpha: [], from: [], to: [], n: [], share: [] };
    const ordered = [...data.bands].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    for (const [s, t, n] of ordered) {
      const out = left[s].top - left[s].used, into = right[t].top - right[t].used;
      const wide = [(n / left[s].n) * left[s].height, (n / right[t].n) * right[t].height];
      left[s].used += wide[0];
      right[t].used += wide[1];
      const edge = [...curve(out, into), ...curve(out - wide[0], into - wide[1]).reverse()];
      bands.xs.push(edge.map((point) => point[0]));
      bands.ys.push(edge.map((point) => point[1]));
      bands.colour.push(left[s].colour);
      bands.alpha.push(0.5);
      bands.from.push(left[s].name);
      bands.to.push(right[t].name);
      bands.n.push(number(n));
      bands.share.push(`${Math.round((100 * n) / left[s].n)} % of ${left[s].name}, ${Math.round((100 * n) / right[t].n)} % of ${right[t].name}`);
    }
    const source = new Bokeh.ColumnDataSource({ data: bands });
    const figure = plot({ x: new Bokeh.Range1d({ start: -0.35, end: 1.35 }), y: new Bokeh.Range1d({ start: -0.03, end: 1.03 }), height: Math.max(height - 190, 300), axes: false, moves: false });
    const patches = figure.patches({ field: "xs" }, { field: "ys" }, { source, fill_color: { field: "colour" }, fill_alpha: { field: "alpha" }, line_color: null });
    hover(figure, patches, [["from", "@from"], ["to", "@to"], ["samples", "@n"], ["share", "@share"]]);
    [[left, 0, BAR, "right", -0.02], [right, 1 - BAR, 1, "left", 1.02]].forEach(([side, from, to, align, at]) => {
      figure.quad({ left: side.map(() => from), right: side.map(() => to), top: side.map((bar) => bar.top), bottom: side.map((bar) => bar.top - bar.height), fill_color: side.map((bar) => bar.colour), line_color: null });
      figure.text({ x: side.map(() => at), y: side.map((bar) => bar.top - bar.height / 2), text: side.map((bar) => `${bar.name} ${number(bar.n)}`), text_align: align, text_baseline: "middle", text_font_size: "13px", text_color: INK });
    });

    const report = said();
    const follow = (key) => {
      const [side, at] = key.split(":"), name = (side === "to" ? right : left)[Number(at)]?.name;
      const rows = bands[side === "to" ? "to" : "from"].flatMap((one, row) => (one === name ? [row] : []));
      const chosen = new Set(rows);
      source.data = { ...source.data, alpha: bands.n.map((_, row) => (!name ? 0.5 : chosen.has(row) ? 0.75 : 0.07)) };
      report.replaceChildren(...(name ? [table(`${side === "to" ? "Into" : "Out of"} ${name}`, ["from", "to", "samples", "share"], rows.map((row) => ["from", "to", "n", "share"].map((column) => bands[column][row])))] : []));
    };
    const options = [["all", "all"], ...left.map((bar, at) => [`from:${at}`, `from ${bar.name}`]), ...right.map((bar, at) => [`to:${at}`, `into ${bar.name}`])];
    const paper = make("div", { class: "closer-plot" });
    box.replaceChildren(make("div", { class: "closer-bar" }, choice("Follow", options, "all", follow)), paper, report, make("p", { class: "closer-hint" }, "Hover a band for its samples, or follow one group."));
    const view = await show(figure, paper, "Bands from known groups to found ones; use Follow to read their numbers");
    box.closer = { source, figure, view };
  };
})();
