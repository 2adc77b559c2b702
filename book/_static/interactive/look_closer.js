/* A button above each picture that can be looked at closer. What draws is loaded when one is
   pressed, once a page, from the book itself; nothing is fetched, so it works from a disk too. */
(() => {
  "use strict";
  const base = new URL(".", document.currentScript.src);
  const library = ["bokeh.min.js", "bokeh-api.min.js", "frame.js"];
  const loaded = new Map(); // file → promise
  const taken = new Map(); // figure → description

  const load = (file) => {
    if (!loaded.has(file)) {
      const script = document.createElement("script");
      script.src = new URL(file, base);
      loaded.set(file, new Promise((done, fail) => {
        script.onload = done;
        script.onerror = () => fail(new Error(`${file} could not be loaded`));
      }));
      document.head.append(script);
    }
    return loaded.get(file);
  };

  // Each kind's file adds its function to `kinds`; each figure's data call `take`.
  window.lookCloser = {
    kinds: {},
    take: (figure, description) => taken.set(figure, description),
  };

  const pictureBefore = (place) => {
    for (let at = place.previousElementSibling; at; at = at.previousElementSibling) {
      const pictures = at.matches("img") ? [at] : [...at.querySelectorAll("img")];
      if (pictures.length) return pictures.at(-1);
      if (/^H[1-6]$/.test(at.tagName)) return null;
    }
    return null;
  };

  const draw = async (place, box, height) => {
    for (const file of library) await load(file);
    const { figure, kind } = place.dataset;
    await Promise.all([load(`${kind}.js`), load(`data/${figure}.js`)]);
    await window.lookCloser.kinds[kind](box, taken.get(figure), height);
  };

  const offer = (place) => {
    const picture = pictureBefore(place);
    const wrapper = picture && (picture.closest("a") ?? picture);
    const words = ["Look closer", picture ? "Back to the picture" : "Close"];
    const button = document.createElement("button");
    const bar = document.createElement("div");
    const box = document.createElement("div");
    button.type = "button";
    button.className = "closer-open";
    button.textContent = words[0];
    button.setAttribute("aria-expanded", "false");
    bar.className = "closer-offer";
    box.className = "closer";
    box.hidden = true;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", picture?.alt || "Interactive figure");
    bar.append(button);
    if (wrapper) wrapper.before(bar, box);
    else place.append(bar, box);

    button.addEventListener("click", async () => {
      const opens = box.hidden;
      const height = Math.max(wrapper?.getBoundingClientRect().height ?? 0, 420);
      box.hidden = !opens;
      wrapper?.classList.toggle("closer-picture", opens);
      button.setAttribute("aria-expanded", String(opens));
      button.textContent = words[Number(opens)];
      if (!opens || box.dataset.state) return;
      box.dataset.state = "loading";
      box.style.minHeight = `${height}px`; // the page stays where it is while scripts load
      try {
        await draw(place, box, height);
        box.dataset.state = "drawn";
      } catch (error) {
        box.dataset.state = "failed";
        box.textContent = `The figure could not be drawn: ${error.message}.`;
      }
      box.style.minHeight = "";
    });
  };

  const start = () => document.querySelectorAll(".look-closer").forEach(offer);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
