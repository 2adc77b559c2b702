/* What every drawing is made of: native controls, a Bokeh plot on white paper, tables.
   Text is only ever set as text: names of samples and genes come from others' files. */
(() => {
  "use strict";
  const INK = "#222222", GREY = "#b9b9b9", ACCENT = "#1f6fd1", CONTRAST = "#d6001c";
  const RAISED = Object.fromEntries([..."-0123456789"].map((sign, at) => [sign, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[at]]));
  let count = 0;

  const make = (tag, settings = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(settings)) {
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name in node && typeof value !== "string") node[name] = value;
      else node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };

  const labelled = (words, control) => {
    control.id = `closer-${++count}`;
    return make("span", { class: "closer-control" }, make("label", { for: control.id }, words), control);
  };

  const choice = (words, options, chosen, change) => {
    const control = make("select", { onchange: () => change(control.value) });
    for (const [value, text] of options.map((option) => [option].flat())) {
      control.append(make("option", { value, selected: value === chosen }, text ?? value));
    }
    return Object.assign(labelled(words, control), { control });
  };

  const search = (words, hint, change) => {
    let waiting;
    const control = make("input", {
      type: "search", placeholder: hint, autocomplete: "off", spellcheck: "false",
      oninput: () => { clearTimeout(waiting); waiting = setTimeout(() => change(control.value), 120); },
    });
    return Object.assign(labelled(words, control), { control });
  };

  const button = (text, press, label = "") =>
    make("button", { type: "button", onclick: press, ...(label && { "aria-label": label, title: label }) }, text);

  const number = (value, digits = 3) => {
    if (value === null || value === undefined) return "";
    if (typeof value !== "number") return String(value);
    if (value === 0 || Number.isInteger(value)) return value.toLocaleString("en").replace("-", "−");
    const size = Math.abs(value);
    if (size < 0.001 || size >= 1e6) {
      const [digits_part, power] = value.toExponential(1).split("e");
      return `${digits_part.replace("-", "−")} × 10${[...String(Number(power))].map((sign) => RAISED[sign]).join("")}`;
    }
    return Number(value.toPrecision(digits)).toLocaleString("en", { maximumSignificantDigits: digits }).replace("-", "−");
  };

  /* A table of `rows` (arrays of texts and numbers); with `sort`, headers are buttons that sort. */
  const table = (caption, headers, rows, { sort = null, onrow = null } = {}) => {
    const body = make("tbody");
    const fill = (shown) => body.replaceChildren(...shown.map((row) => {
      const cells = row.map((cell) => make("td", {}, number(cell)));
      return make("tr", onrow ? { onmouseenter: () => onrow(row), onmouseleave: () => onrow(null) } : {}, ...cells);
    }));
    const heads = headers.map((header, at) => {
      const head = make("th", { scope: "col" });
      head.append(sort ? button(header, () => sort(at)) : header);
      return head;
    });
    fill(rows);
    const drawn = make("table", { class: "closer-table" }, make("caption", {}, caption), make("thead", {}, make("tr", {}, ...heads)), body);
    return Object.assign(make("div", { class: "closer-scroll", tabindex: "0", role: "region", "aria-label": caption }, drawn), { fill, heads });
  };

  const span = (values) => {
    let low = Infinity, high = -Infinity;
    for (const value of values) if (value !== null) { low = Math.min(low, value); high = Math.max(high, value); }
    return low > high ? [0, 1] : low === high ? [low - 0.5, high + 0.5] : [low, high];
  };

  const range = (values, margin = 0.05) => {
    const [low, high] = span(values), wide = (high - low) * margin;
    return new Bokeh.Range1d({ start: low - wide, end: high + wide });
  };

  /* An empty plot on white, as the book's pictures are; a drag moves it. */
  const plot = ({ x, y, height, names = ["", ""], axes = true, grid = false, moves = true }) => {
    const tools = moves ? [new Bokeh.PanTool(), new Bokeh.WheelZoomTool({ modifiers: { ctrl: true } })] : [];
    const figure = new Bokeh.Plotting.Figure({
      x_range: x, y_range: y, height, sizing_mode: "stretch_width", tools, toolbar_location: null,
      background_fill_color: "#ffffff", border_fill_color: "#ffffff", outline_line_color: axes ? "#dddddd" : null,
      min_border: 8, output_backend: "canvas",
    });
    if (moves) figure.toolbar.active_scroll = tools[1];
    [figure.xaxis, figure.yaxis].forEach((axis, at) => {
      axis.axis_label = names[at];
      axis.axis_label_text_color = axis.major_label_text_color = INK;
      axis.axis_label_text_font_style = "normal";
      axis.axis_line_color = axis.major_tick_line_color = "#888888";
      axis.minor_tick_line_color = null;
      axis.visible = axes;
    });
    figure.xgrid.visible = figure.ygrid.visible = grid;
    return figure;
  };

  const hover = (figure, renderer, tips) => figure.add_tools(new Bokeh.HoverTool({
    renderers: [renderer], tooltips: tips, point_policy: "snap_to_data", attachment: "horizontal", limit: 1,
  }));

  const zoom = (figure) => {
    const ranges = [figure.x_range, figure.y_range];
    const whole = ranges.map((one) => [one.start, one.end]);
    const by = (factor) => ranges.forEach((one) => {
      const middle = (one.start + one.end) / 2, half = ((one.end - one.start) / 2) * factor;
      one.setv({ start: middle - half, end: middle + half });
    });
    return make("span", { class: "closer-control closer-zoom", role: "group", "aria-label": "Zoom" },
      button("+", () => by(0.6), "Zoom in"), button("−", () => by(1 / 0.6), "Zoom out"),
      button("All", () => ranges.forEach((one, at) => one.setv({ start: whole[at][0], end: whole[at][1] })), "Show all"));
  };

  const show = async (figure, box, label) => {
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", label);
    const view = await Bokeh.Plotting.show(figure, box);
    await view.ready;
    view.canvas_view.events_el.tabIndex = -1; // the controls do what its keys would
    return view;
  };

  const said = () => make("div", { class: "closer-said", "aria-live": "polite" });

  lookCloser.parts = {
    make, choice, search, button, number, table, span, range, plot, hover, zoom, show, said,
    INK, GREY, ACCENT, CONTRAST,
  };
})();
