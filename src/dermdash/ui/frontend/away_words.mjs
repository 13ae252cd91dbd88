// What a page has left to be said while the app cannot be reached; empty where it says so by itself.
export const saysWhenAway = (words) => {
  document.documentElement.dataset.away = words;
};

export const wordsWhenAway = () => document.documentElement.dataset.away;
