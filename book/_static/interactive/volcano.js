/* Features that differ between groups: difference against certainty, found by name. */
(() => {
  "use strict";
  const MOST_NAMED = 12, LINE = 0.055; // height of a name, as a share of the axis

  /* Heights of names, highest first, so far apart that they can be read; and on which side. */
  const stacked = (heights, most) => {
    let last = Infinity;
    return heights.map((height) => { last = Math.min(height, last - LINE * most); return last; });
  };

  lookCloser.kinds.volcano = async (box, data, height) => {
    const { make, choice, search, number, table, range, plot, hover, zoom, show, said, INK, GREY, ACCENT, CONTRAST } = lookCloser.parts;
    let group = data.groups[0], words = "";
    const isFound = (row) => group.q[row] !== null && group.q[row] < data.max_q && Math.abs(group.difference[row]) > data.threshold;
    const columns = () => ({
      x: group.difference, y: group.height, feature: group.features, q: group.q.map((q) => number(q)), shown: group.difference.map((value) => number(value)),
      colour: group.features.map((_, row) => (!isFound(row) ? GREY : group.difference[row] > 0 ? CONTRAST : ACCENT)),
    });
    const widest = () => { const most = Math.max(...group.difference.map(Math.abs), 0.1) * 1.5; return [-most, most]; };
    const source = new Bokeh.ColumnDataSource({ data: columns() });
    const named = new Bokeh.ColumnDataSource({ data: { x: [], y: [] } });
    const names = { left: new Bokeh.ColumnDataSource({ data: {} }), right: new Bokeh.ColumnDataSource({ data: {} }) };
    const figure = plot({ x: range(widest(), 0), y: range([0, ...group.height]), height: Math.max(height - 190, 320), names: ["difference of means", "−log10 p"], grid: true });
    figure.xgrid.grid_line_color = figure.ygrid.grid_line_color = "#eeeeee";
    const [fx, fy] = [{ field: "x" }, { field: "y" }];
    const points = figure.scatter(fx, fy, { source, size: 6, fill_color: { field: "colour" }, fill_alpha: 0.7, line_color: null });
    figure.scatter(fx, fy, { source: named, size: 11, fill_color: null, line_color: INK, line_width: 2 });
    for (const side of ["left", "right"]) {
      figure.segment(fx, fy, { field: "to" }, { field: "at" }, { source: names[side], line_color: "#999999" });
      figure.text({ field: "to" }, { field: "at" }, { field: "text" }, {
        source: names[side], x_offset: side === "left" ? -3 : 3, text_align: side === "left" ? "right" : "left",
        text_baseline: "middle", text_font_size: "12px", text_color: INK,
      });
    }
    hover(figure, points, [["feature", "@feature"], ["difference", "@shown"], ["q", "@q"]]);

    const report = said();
    const find = (given) => {
      words = given;
      const wanted = given.toLowerCase().split(/[\s,;]+/).filter(Boolean);
      const rows = wanted.length
        ? group.features.flatMap((name, row) => (wanted.some((one) => name.toLowerCase().includes(one)) ? [row] : []))
        : group.features.flatMap((_, row) => (isFound(row) ? [row] : []));
      const first = rows.slice(0, MOST_NAMED);
      named.data = { x: first.map((row) => group.difference[row]), y: first.map((row) => group.height[row]) };
      for (const [side, rows] of [["left", first.filter((row) => group.difference[row] < 0)], ["right", first.filter((row) => group.difference[row] >= 0)]]) {
        const x = rows.map((row) => group.difference[row]), y = rows.map((row) => group.height[row]); // surest first
        const edge = (side === "left" ? Math.min(...x) : Math.max(...x)) * 1.06;
        names[side].data = { x, y, to: x.map(() => edge), at: stacked(y, Math.max(...group.height)), text: rows.map((row) => group.features[row]) };
      }
      const how = wanted.length ? `${number(rows.length)} features have “${given.trim()}”` : `${number(rows.length)} features at FDR < ${data.max_q}`;
      const cut = rows.length > MOST_NAMED ? `, the surest ${MOST_NAMED}` : "";
      report.replaceChildren(table(`${how}${cut}`, ["feature", "difference", "q"], first.map((row) => [group.features[row], group.difference[row], group.q[row]])));
    };
    const change = (name) => {
      group = data.groups.find((one) => one.name === name);
      source.data = columns();
      [["x_range", widest(), 0], ["y_range", [0, ...group.height], 0.05]].forEach(([key, values, margin]) => {
        const to = range(values, margin);
        figure[key].setv({ start: to.start, end: to.end });
      });
      find(words);
    };
    const paper = make("div", { class: "closer-plot" });
    const bar = make("div", { class: "closer-bar" },
      data.groups.length > 1 ? choice("Group", data.groups.map((one) => [one.name, `${one.name} against the others`]), group.name, change) : null,
      search("Find", "names, with commas", find), zoom(figure));
    box.replaceChildren(bar, paper, report, make("p", { class: "closer-hint" }, "Red is higher, blue lower; hover a point for its name; drag to move, Ctrl + wheel to zoom."));
    find("");
    const view = await show(figure, paper, "Difference of each feature against its certainty; use Find to read single ones");
    box.closer = { source, named, figure, view };
  };
})();
