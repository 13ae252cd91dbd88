// An annotation in words, line by line, for somebody to read or copy.
import { BLOCKS, QUALITY_LEVELS, STRUCTURES, STRUCTURES_FIELD } from "./nomenclature.mjs";

const FIELDS = BLOCKS.flatMap((block) => block.fields);

function valueInWords({ choices, unit }, value) {
  const words = [value].flat().map((v) => choices.find((c) => c.value === v)?.words ?? String(v));
  return `${words.join(", ")} ${unit}`.trim();
}

export function inWords({ dx, values = {}, marks = [], unsure, comment, quality }, classes) {
  const nameOf = (code) => classes.find((c) => c.code === code)?.name || code;
  const seen = (values[STRUCTURES_FIELD] || []).map((name) => STRUCTURES.find((s) => s.name === name)?.title || name);
  return [
    dx && `Diagnosis: ${nameOf(dx)}`,
    unsure && "Unsure",
    quality && `Image quality: ${quality} ${QUALITY_LEVELS[quality - 1] || ""}`.trim(),
    seen.length && `Structures: ${seen.join(", ")}`,
    marks.length && `Marks: ${marks.length}`,
    ...FIELDS.filter((f) => values[f.name] !== undefined && values[f.name] !== null).map((f) => `${f.title}: ${valueInWords(f, values[f.name])}`),
    comment && `Comment: ${comment}`,
  ].filter(Boolean);
}
