/* One tumour in hand: its nearest cell lines beside lines of other types, and their drugs. */
(() => {
  "use strict";
  const MOST_OFFERED = 400;

  lookCloser.kinds.lines = async (box, data, height) => {
    const { make, choice, search, number, table, range, plot, hover, show, said, span, INK, GREY, ACCENT } = lookCloser.parts;
    const types = [...new Set(data.tumours.map((tumour) => tumour.type))];
    const [low, high] = span(data.tumours.flatMap((tumour) => [...tumour.distance, ...tumour.null]));
    const nearest = new Bokeh.ColumnDataSource({ data: {} });
    const others = new Bokeh.ColumnDataSource({ data: {} });
    const figure = plot({ x: range([low, high]), y: new Bokeh.Range1d({ start: 7.2, end: -0.6 }), height: Math.min(Math.max(height - 330, 240), 300), names: ["distance to the tumour, 1 − correlation (left is nearer)", ""], moves: false });
    figure.yaxis.visible = false;
    figure.hbar({ field: "y" }, 0.5, { field: "high" }, { field: "low" }, { source: others, fill_color: GREY, fill_alpha: 0.55, line_color: null });
    figure.scatter({ field: "middle" }, { field: "y" }, { source: others, marker: "dash", angle: Math.PI / 2, size: 16, line_color: INK, line_width: 2 });
    figure.scatter({ field: "least" }, { field: "y" }, { source: others, size: 8, fill_color: GREY, line_color: INK });
    const points = figure.scatter({ field: "x" }, { field: "y" }, { source: nearest, size: 12, fill_color: { field: "colour" }, line_color: INK });
    figure.text({ field: "x" }, { field: "y" }, { field: "name" }, { source: nearest, x_offset: 10, text_baseline: "middle", text_font_size: "13px", text_color: INK });
    figure.text({ field: "low" }, { field: "y" }, { field: "name" }, { source: others, y_offset: -12, text_baseline: "bottom", text_font_size: "13px", text_color: INK });
    hover(figure, points, [["line", "@name"], ["type", "@type"], ["disease", "@disease"], ["distance", "@distance"]]);

    const report = said();
    const look = (tumour) => {
      const lines = tumour.lines.map((code) => data.lines[code]), [least, from, middle, to] = tumour.null;
      const nameOf = (line) => line.line_name ?? line.id;
      const isOwn = (line) => line.cancer_type === tumour.type;
      nearest.data = {
        x: tumour.distance, y: lines.map((_, at) => at), name: lines.map(nameOf), type: lines.map((line) => line.cancer_type ?? ""),
        disease: lines.map((line) => line.disease_subtype ?? line.disease ?? ""), distance: tumour.distance.map((value) => number(value)), colour: lines.map((line) => (isOwn(line) ? ACCENT : GREY)),
      };
      others.data = middle === null
        ? { y: [], low: [], high: [], middle: [], least: [], name: [] }
        : { y: [6], low: [from], high: [to], middle: [middle], least: [least], name: ["90 % of the lines of other types"] };
      const rows = lines.map((line, at) => [at + 1, nameOf(line), line.cancer_type ?? "", line.disease_subtype ?? line.disease ?? line.subtype ?? "", tumour.distance[at], tumour.p[at]]);
      const verdict = !isOwn(lines[0])
        ? ` Its nearest line is of another type, ${lines[0].cancer_type ?? "not known"}.`
        : middle !== null && tumour.distance[0] < least
          ? " Its nearest line is of its own type: no line of another type is as near."
          : "";
      const drugs = data.drugs[tumour.type];
      const notes = [make("p", {}, `${tumour.name}, ${tumour.type}.${verdict}`),
        table("Its nearest lines (p: share of lines of other types that are as near; only for lines of its type)", ["rank", "line", "type", "disease", "distance", "p"], rows)];
      if (drugs) notes.push(table(`Drugs to which the lines nearest to ${tumour.type} tumours are more sensitive than others (a group's, not this tumour's; a hint for an experiment, no treatment)`, ["drug", "screened lines", "difference in ln IC50", "p", "FDR"], drugs.map((drug) => [drug.drug, drug.n, drug.difference, drug.p, drug.fdr])));
      else notes.push(make("p", {}, "No drug screen is recorded for its lines."));
      report.replaceChildren(...notes);
    };

    let type = types[0], words = "";
    const tumour = choice("Tumour", [], "", (name) => look(data.tumours[Number(name)]));
    const offer = () => {
      const fits = data.tumours.flatMap((one, at) => (one.type === type && one.name.toLowerCase().includes(words) ? [at] : []));
      tumour.control.replaceChildren(...fits.slice(0, MOST_OFFERED).map((at) => make("option", { value: String(at) }, data.tumours[at].name)));
      if (fits.length) look(data.tumours[fits[0]]);
      else report.replaceChildren(make("p", {}, `No ${type} tumour has “${words}” in its name.`));
    };
    const bar = make("div", { class: "closer-bar" },
      choice("Type", types, type, (name) => { type = name; offer(); }), tumour,
      search("Find", "part of its name", (given) => { words = given.trim().toLowerCase(); offer(); }));
    const paper = make("div", { class: "closer-plot" });
    box.replaceChildren(bar, paper, report, make("p", { class: "closer-hint" }, "Blue: lines of the tumour's own type. The grey bar holds 90 % of the lines of other types; its dot is the nearest of them."));
    offer();
    const view = await show(figure, paper, "Distances of the nearest cell lines; the table below has their numbers");
    box.closer = { nearest, others, figure, view };
  };
})();
