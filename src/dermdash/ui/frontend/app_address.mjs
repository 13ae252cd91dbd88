// Addresses of the app: a proxy may put a path before it, which only the app's own scripts know.
const ownScript = () => document.querySelector('script[src*="/static/"]').src;

// Of a path from the app's root, with or without a slash before it.
export const inApp = (path) => new URL(`../../${path.replace(/^\//, "")}`, ownScript()).href;
