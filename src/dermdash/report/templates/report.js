"use strict";
(function () {
  const WIDEST = 672; // as wide as the text of an A4 page
  const draw = (plot) => {
    const figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent);
    const width = Math.min(WIDEST, plot.clientWidth || WIDEST);
    const height = figure.layout.height || 450;
    plot.style.setProperty("--print-zoom", Math.min(0.82, 880 / height)); // no figure is longer than a page
    const layout = Object.assign({}, figure.layout, { width: width, autosize: false });
    return Plotly.newPlot(plot, figure.data, layout, { displayModeBar: false, staticPlot: false, responsive: false });
  };
  const plots = Array.from(document.querySelectorAll(".plot"));
  plots.forEach(draw);

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
    // What the drawing library adds to a page comes again when the copy is opened.
    copy.querySelectorAll("style:not(#report-style), #js-plotly-tester, .plotly-notifier").forEach((e) => e.remove());
    return "<!DOCTYPE html>\n" + copy.outerHTML;
  };
  window.savedReport = saved;
  document.getElementById("save-page").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([saved()], { type: "text/html" }));
    link.download = (document.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "report") + ".html";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  });
  document.getElementById("print-page").addEventListener("click", () => window.print());
  document.documentElement.dataset.drawn = String(plots.length);
})();
