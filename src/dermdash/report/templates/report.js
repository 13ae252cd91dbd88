"use strict";
(function () {
  const WIDEST = 672; // as wide as the text of an A4 page
  const NEEDS = "This figure needs a browser of 2023 or newer: the report carries it packed.";
  const unpacked = (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")));
  };
  const textOf = (id) => unpacked(document.getElementById(id).textContent.trim()).text();
  const give = (blob, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  const load = async () => {
    const library = document.createElement("script");
    library.textContent = await textOf("plotly-library"); // runs because the policy knows its hash
    document.head.append(library);
    library.remove(); // a saved copy holds it once, packed
  };
  const draw = async (plot, template) => {
    const figure = JSON.parse(await textOf(plot.dataset.figure));
    figure.layout.template = figure.layout.template || template;
    const width = Math.min(WIDEST, plot.clientWidth || WIDEST);
    const height = figure.layout.height || 450;
    plot.style.setProperty("--print-zoom", Math.min(0.82, 880 / height)); // no figure is longer than a page
    const layout = Object.assign({}, figure.layout, { width: width, autosize: false });
    return Plotly.newPlot(plot, figure.data, layout, { displayModeBar: false, staticPlot: false, responsive: false });
  };
  const plots = Array.from(document.querySelectorAll(".plot"));
  const drawAll = async () => {
    if (plots.length) {
      await load();
      const template = JSON.parse(await textOf("figure-template"));
      for (const plot of plots) await draw(plot, template);
    }
    document.documentElement.dataset.drawn = String(plots.length);
  };
  const able = typeof DecompressionStream === "function";
  if (able) drawAll();
  else plots.forEach((plot) => plot.append(Object.assign(document.createElement("p"), { className: "note", textContent: NEEDS })));

  // Without a script the link gives the packed file, with it the CSV itself.
  document.querySelectorAll('a[download$=".csv.gz"]').forEach((link) => {
    if (!able) return;
    link.addEventListener("click", async (event) => {
      event.preventDefault();
      const csv = await unpacked(link.href.split("base64,")[1]).arrayBuffer();
      give(new Blob([csv], { type: "text/csv" }), link.download.replace(/\.gz$/, ""));
    });
  });

  document.querySelectorAll("[data-svg]").forEach((button) => {
    button.addEventListener("click", () => {
      const plot = document.querySelector(`[data-figure="${button.dataset.svg}-data"]`);
      const { width, height } = plot.getBoundingClientRect();
      Plotly.downloadImage(plot, { format: "svg", width: width, height: height, filename: button.dataset.name });
    });
  });

  const saved = () => {
    const copy = document.documentElement.cloneNode(true);
    copy.querySelectorAll(".plot").forEach((plot) => {
      plot.replaceChildren();
      plot.className = "plot";
      plot.removeAttribute("style");
    });
    copy.removeAttribute("data-drawn");
    // What the drawing library adds to a page comes again when the copy is opened.
    copy.querySelectorAll("style:not(#report-style), #js-plotly-tester, .plotly-notifier").forEach((e) => e.remove());
    return "<!DOCTYPE html>\n" + copy.outerHTML;
  };
  window.savedReport = saved;
  document.getElementById("save-page").addEventListener("click", () => {
    const name = document.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "report";
    give(new Blob([saved()], { type: "text/html" }), name + ".html");
  });
  document.getElementById("print-page").addEventListener("click", () => window.print());
})();
