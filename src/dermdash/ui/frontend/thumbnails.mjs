// Where a tile's small picture comes from: it came along with the message, or lies at an address of the app.
import { inApp } from "./app_address.mjs";
import { dataImage } from "./elements.mjs";
import { THUMBNAILS } from "./names.mjs";

const ADDRESS = new RegExp(`^${THUMBNAILS.PATH}/[0-9a-f]{64}\\.[0-9]{1,12}\\.[0-9a-f]{32}$`);

export function thumbnailSource(value) {
  return typeof value === "string" && ADDRESS.test(value) ? inApp(value) : dataImage(value);
}
