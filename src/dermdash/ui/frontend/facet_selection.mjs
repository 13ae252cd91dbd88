// What is chosen of the facets of a page, as ids. It is sent whole, with a number that grows: the server says which
// number it has seen, so a slow answer never takes back a newer click.
export class FacetSelection {
  constructor(today = Date.now) {
    this.today = today;
    this.number = 0;
    this.selected = {};
  }

  // Clicks the server has not seen yet stay; otherwise what it says is right, after Back as well.
  heard(seen, selected) {
    if (seen >= this.number) this.selected = { ...selected };
  }

  isChosen(facet, option) {
    return (this.selected[facet] || []).includes(option);
  }

  choose(facet, option, chosen) {
    const others = (this.selected[facet] || []).filter((id) => id !== option);
    this.selected = { ...this.selected, [facet]: chosen ? [...others, option] : others };
    // The clock, so that another session of the same browser goes on above the number of the one before.
    this.number = Math.max(this.today(), this.number + 1);
  }
}

// A long list shows its first options, and those that are chosen wherever they stand.
export function shownOptions(options, isChosen, most) {
  return options.filter((option, i) => i < most || isChosen(option));
}
