// Shapes in pixels of the drawing at zoom 1; x to the right, y down, a box by its upper left corner.

export interface Point {
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Point, Size {}

export interface Box extends Rect {
  /** Of the state. */
  id: string;
  /** How many states it is inside of. */
  depth: number;
}

/** A transition's, with where its label stands. */
export interface Path {
  points: Point[];
  label?: Rect;
}

export interface Route extends Path {
  /** Of the transition. */
  id: string;
  depth: number;
}

/** Containers come before what they hold. */
export interface Layout extends Size {
  boxes: Box[];
  routes: Route[];
}

export type Orientation = 'down' | 'right';

export interface LayoutOptions {
  orientation: Orientation;
  /** Small boxes with names only. */
  compact: boolean;
}

export const moved = <T extends Point>(shape: T, by: Point): T => ({ ...shape, x: shape.x + by.x, y: shape.y + by.y });

/** The same with x for y: a layout to the right is one downwards, transposed. */
export const transposed = <T extends Point>(shape: T): T => ({
  ...shape,
  x: shape.y,
  y: shape.x,
  ...('width' in shape && 'height' in shape ? { width: shape.height, height: shape.width } : {}),
});
