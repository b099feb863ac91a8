import { Box, Layout, Rect, Size } from '../layout/geometry';

/** Where the drawing's origin is in the view, and how large a pixel of it. */
export interface Viewport {
  x: number;
  y: number;
  zoom: number;
}

export const zooms = { least: 0.02, most: 2.5 };

/** Below this names cannot be read any more. */
const readable = 0.5;
const usual = 0.75;
const largest = 1.1;

/** All of the drawing if one can read it so; else the part around one state. */
export function firstViewport(layout: Layout, view: Size, anchor?: Box): Viewport {
  const zoom = Math.min(view.width / layout.width, view.height / layout.height, largest);
  if (zoom >= readable || anchor === undefined) {
    return centred({ x: 0, y: 0, ...layout }, view, Math.max(zoom, zooms.least));
  }
  const { x, y } = centred(anchor, view, usual);
  return { x: held(x, layout.width * usual, view.width), y: held(y, layout.height * usual, view.height), zoom: usual };
}

/** The viewport in which a box is in the middle. */
export const centred = (box: Rect, view: Size, zoom: number): Viewport => ({
  x: view.width / 2 - (box.x + box.width / 2) * zoom,
  y: view.height / 2 - (box.y + box.height / 2) * zoom,
  zoom,
});

/** Keeps to the drawing where that is larger than the view, and to its middle where not. */
const held = (offset: number, drawn: number, shown: number) =>
  drawn <= shown ? (shown - drawn) / 2 : Math.min(0, Math.max(shown - drawn, offset));

/** Whether all of a box can be seen. */
export const shows = (viewport: Viewport, view: Size, box: Rect) => {
  const [left, top] = [box.x * viewport.zoom + viewport.x, box.y * viewport.zoom + viewport.y];
  return (
    left >= 0 &&
    top >= 0 &&
    left + box.width * viewport.zoom <= view.width &&
    top + box.height * viewport.zoom <= view.height
  );
};
